import { describe, expect, it } from 'vitest'
import { checkConfig, z } from '../src/config.ts'

const schema = z.strictObject({
  rule: z.union(
    [
      z.enum(['mean', 'most']),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('nearest'), k: z.number().positive() }),
        z.strictObject({ type: z.literal('farthest') }),
      ]),
    ],
    { error: 'is mean, most or a mapping' },
  ),
})
const problemsOf = (rule: unknown): string => {
  try {
    checkConfig({ rule }, schema, 'a.yaml')
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('a union of words and mappings', () => {
  it('takes either', () => {
    expect(problemsOf('most')).toBe('')
    expect(problemsOf({ type: 'nearest', k: 2 })).toBe('')
  })

  it('says what is wrong with the form that a value has', () => {
    expect(problemsOf({ type: 'nearest', k: 0, size: 1 })).toMatch(/^rule\.k: .*\n {2}rule\.size: unknown option$/)
    expect(problemsOf({ type: 'nearby' })).toMatch(/^rule\.type: .*'nearest' \| 'farthest'/)
  })

  it('says which forms there are where a value has none of them', () => {
    expect(problemsOf('least')).toBe('rule: is mean, most or a mapping')
    expect(problemsOf(3)).toBe('rule: is mean, most or a mapping')
  })
})
