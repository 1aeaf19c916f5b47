import { z } from '../config.ts'
import { isPattern } from '../pattern.ts'

/** Options of supervised training: which class a recording is of. */
export const classesSchema = z
  .strictObject({
    from: z
      .enum(['class', 'machine', 'folder', 'name'])
      .default('class')
      .describe(
        'What names the class of a recording: the column class or machine of input.labels, the folder that holds the file, or its path by pattern',
      ),
    pattern: z
      .string()
      .min(1)
      .refine(isPattern, { error: 'is no regular expression' })
      .nullable()
      .default(null)
      .describe(
        "For from: name, a regular expression on the path, such as '([^/]+)_[^/]*$'; its first group is the class, or all that it matches",
      ),
    map: z
      .record(z.string(), z.string().min(1).nullable())
      .default({})
      .describe('Other names for classes, { old: new }; several may become one, and null leaves the recordings out'),
    weights: z
      .union([z.enum(['none', 'balanced']), z.record(z.string(), z.number().positive())], {
        error: 'is none, balanced, or a mapping of classes to weights above 0',
      })
      .default('none')
      .describe(
        'What an item of a class weighs in the loss: none: 1; balanced: more the fewer there are, so that classes weigh the same; or { class: weight }, 1 where a class is not named',
      ),
  })
  .superRefine(({ from, pattern }, context) => {
    const message =
      from === 'name' && pattern === null
        ? "from: name needs one, such as '([^/]+)_[^/]*$'"
        : from !== 'name' && pattern !== null && 'is for from: name alone'
    if (message) context.addIssue({ code: 'custom', path: ['pattern'], message })
  })

export type ClassesConfig = z.infer<typeof classesSchema>
