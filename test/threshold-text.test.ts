import { describe, expect, it } from 'vitest'
import { thresholdSchema } from '../src/model/threshold.ts'
import { parseThreshold, THRESHOLDS, thresholdText } from '../src/threshold-text.ts'

describe('a threshold on a command line', () => {
  it.each(THRESHOLDS.split(/, | or /))('is written and read as %s', text => {
    const policy = parseThreshold(text)
    const checked = thresholdSchema.parse(policy)
    expect(checked).toMatchObject(policy)
    expect(thresholdText(policy)).toBe(text)
  })

  it('leaves out what has a default', () => {
    expect(parseThreshold('percentile')).toEqual({ policy: 'percentile' })
    expect(thresholdText(thresholdSchema.parse({ policy: 'spot' }))).toBe('spot:0.0001, level 0.98, depth 0, peaks 500')
  })
})
