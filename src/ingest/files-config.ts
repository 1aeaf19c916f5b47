import { z } from '../config.ts'
import { inputFormatSchema } from './format.ts'

/** Options of a source of `type: files`: recordings replayed as a feed. */
export const filesSourceSchema = z.strictObject({
  type: z.literal('files').describe('Recordings played as a feed'),
  path: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('Folder, file or glob, or a list of them; files are played sorted by path'),
  speed: z
    .number()
    .nonnegative()
    .default(1)
    .describe('Times real time: 1 as recorded, 10 ten times as fast, 0 as fast as possible'),
  loop: z
    .union([z.boolean(), z.number().int().positive()])
    .default(false)
    .describe('true plays the files over and over, a number that many times, false once'),
  tail: z
    .enum(['drop', 'pad'])
    .default('drop')
    .describe('Samples after the last whole window of a file: left out, or padded with zeros to one more window'),
  frame_rate: z.number().positive().default(1).describe('Frames per second at speed 1, for inputs that are not sound'),
  input: inputFormatSchema.optional().describe('How the files are read, where it differs from the training files'),
})

export type FilesSourceConfig = z.infer<typeof filesSourceSchema>
