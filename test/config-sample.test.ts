import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig, z } from '../src/config.ts'
import { configSample } from '../src/config-sample.ts'

const schema = z.strictObject({
  name: z.string().default('pump 1').describe('Name of the model'),
  paths: z
    .array(z.string())
    .min(1)
    .describe('Folders or globs')
    .meta({ example: ['recordings/*.wav'] }),
  labels: z.string().optional().describe('A CSV of labels'),
  rate: z.number().min(0).max(1).default(0.1),
  mode: z.enum(['fast', 'exact']).default('exact').describe('How it works'),
  nested: z.strictObject({ deep: z.strictObject({ on: z.boolean().default(true) }).prefault({}) }).prefault({}),
  outputs: z.strictObject({ kafka: z.strictObject({ topic: z.string() }).optional() }).prefault({}),
  kind: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('a'), size: z.number().int().positive().default(3).describe('Size of a') }),
      z.strictObject({ type: z.literal('b'), label: z.string().default('1') }),
    ])
    .prefault({ type: 'b' })
    .describe('Which kind'),
  choice: z
    .strictObject({ size: z.number().default(3) })
    .prefault({})
    .nullable()
    .default(null)
    .describe('Null: as it is'),
  rule: z
    .union([
      z.enum(['mean', 'most']),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('nearest'), k: z.number().positive().default(1).describe('How many') }),
        z.strictObject({ type: z.literal('farthest') }),
      ]),
    ])
    .default('mean')
    .describe('What is made of it'),
  sources: z.array(z.strictObject({ path: z.string().meta({ example: 'a' }), speed: z.number().default(1) })),
  feeds: z
    .record(z.string(), z.strictObject({ url: z.string().describe('Where it is'), rate: z.number().default(2) }))
    .describe('By name')
    .meta({ example: { left: { url: 'here' } } }),
})

describe('configSample', () => {
  const text = configSample(schema)

  it('passes the schema it was printed from, with its defaults', () => {
    const sample = checkConfig(parse(text), schema, 'sample')
    const least = { paths: ['recordings/*.wav'], sources: [{ path: 'a' }], feeds: { left: { url: 'here' } } }
    expect(sample).toEqual(schema.parse(least))
  })

  it('comments each option with its description, values and default', () => {
    expect(text).toContain('# Name of the model\nname: "pump 1"')
    expect(text).toContain('# Folders or globs – required\npaths: ["recordings/*.wav"]')
    expect(text).toContain('# A CSV of labels\n# labels: "…"')
    expect(text).toContain('# (from 0, to 1)\nrate: 0.1')
    expect(text).toContain('# How it works (fast | exact)\nmode: exact')
    expect(text).toContain('nested:\n  deep:\n    on: true')
  })

  it('shows the mappings that may take the place of a word, as comments', () => {
    const forms = [
      '# or',
      '# rule:',
      '#   type: nearest',
      '#   # How many (above 0)',
      '#   k: 1',
      '# or',
      '# rule:',
      '#   type: farthest',
    ]
    expect(text).toContain(`# What is made of it (mean | most | a mapping)\nrule: mean\n${forms.join('\n')}\n`)
  })

  it('shows the options of mappings that the user names', () => {
    expect(text).toContain('# By name – required\nfeeds:\n  left:\n    # Where it is\n    url: here\n    rate: 2\n')
  })

  it('keeps a mapping whose options are all left out a mapping', () => {
    expect(text).toContain('outputs: {}\n  # kafka:\n')
  })

  it('shows what could stand in place of null as comments', () => {
    expect(text).toContain('# Null: as it is\nchoice: null\n# choice:\n#   size: 3\n')
  })

  it('shows the other forms of a union as comments', () => {
    expect(text).toContain(
      'kind:\n  type: b\n  label: "1"\n  # or\n  #   type: a\n  #   # Size of a (above 0)\n  #   size: 3\n',
    )
  })
})
