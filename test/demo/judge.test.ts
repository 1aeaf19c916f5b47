import { describe, expect, it } from 'vitest'
import { judge } from '../../src/demo/judge.ts'
import type { Fault } from '../../src/train/synth/index.ts'

const fault = (onset: number, duration: number): Fault => ({ kind: 'leak-hiss', onset, duration, severity: 1 })
const at = (detectedAt: number) => ({ detectedAt, peakScore: 2, threshold: 1 })

describe('judge', () => {
  const faults = [fault(10, 5), fault(40, 5)]

  it('finds a fault by the first episode that opens during it', () => {
    const { findings, falseAlarms } = judge(faults, [at(13), at(11.5), at(41)], 1)
    expect(findings.map(({ delay }) => delay)).toEqual([1.5, 1])
    expect(findings[0].detection?.detectedAt).toBe(11.5)
    expect(falseAlarms).toEqual([])
  })

  it('counts from the onset to a window after the end, both included', () => {
    expect(judge(faults, [at(10), at(46)], 1).findings.map(({ delay }) => delay)).toEqual([0, 6])
    const outside = judge(faults, [at(9.99), at(46.01)], 1)
    expect(outside.findings.map(({ detection }) => detection)).toEqual([null, null])
    expect(outside.falseAlarms.map(({ detectedAt }) => detectedAt)).toEqual([9.99, 46.01])
  })

  it('calls an episode false that opened before the fault, and the fault missed, however long the episode lasts', () => {
    const { findings, falseAlarms } = judge([fault(10, 5)], [at(8)], 1)
    expect(findings[0]).toMatchObject({ detection: null, delay: null })
    expect(falseAlarms).toHaveLength(1)
  })

  it('misses all when nothing opened', () => {
    expect(judge(faults, [], 1)).toEqual({
      findings: faults.map(each => ({ fault: each, detection: null, delay: null })),
      falseAlarms: [],
    })
  })
})
