import { describe, expect, it } from 'vitest'
import type { DriftChange } from '../../src/model/drift/detector.ts'
import type { LevelShiftChange } from '../../src/model/drift/level-shift.ts'
import { driftEvents } from '../../src/stream/drift-events.ts'

const level: DriftChange = {
  kind: 'level',
  change: 'began',
  statistic: 'page_hinkley',
  begunBy: 'page_hinkley',
  value: 25,
  direction: 'up',
  before: 1,
  after: 1.5,
  psi: 0.3,
  time: 2000,
  since: 1000,
}
const shift: LevelShiftChange = { change: 'absorbed', before: 1, after: 3, factor: 3, time: 2000, since: 500 }
const companion: DriftChange = { ...level, statistic: 'level_shift', begunBy: 'level_shift' }

describe('driftEvents', () => {
  it('names a change by source, kind and feed time, so that the same input gives the same ids', () => {
    const over: DriftChange = { ...level, kind: 'distribution', change: 'over', statistic: 'psi', begunBy: 'psi' }
    const facts = { source: 'fan', time: 2000, since: 1000, before: 1, after: 1.5, psi: 0.3 }
    expect(driftEvents('fan', { drift: [level, over], shift: undefined, psi: 0.3 })).toEqual([
      { type: 'drift.began', eventId: 'fan/drift/level/began/2000', kind: 'level', ...facts },
      { type: 'drift.over', eventId: 'fan/drift/distribution/over/2000', kind: 'distribution', ...facts },
    ])
  })

  it.each([
    ['absorbed', 'began'],
    ['returned', 'over'],
  ] as const)('tells a level that is %s once', (change, told) => {
    const drift = [{ ...companion, change: told }]
    expect(driftEvents('fan', { drift, shift: { ...shift, change }, psi: 0.7 })).toEqual([
      {
        type: `drift.${told}`,
        eventId: `fan/drift/absorbed/${told}/2000`,
        source: 'fan',
        kind: 'absorbed',
        time: 2000,
        since: 500,
        before: 1,
        after: 3,
        psi: 0.7,
      },
    ])
  })

  it('ends drift that was on before the level was absorbed', () => {
    const over: DriftChange = { ...level, change: 'over', statistic: 'level_shift' }
    const kinds = driftEvents('fan', { drift: [over], shift: { ...shift, change: 'returned' }, psi: 0 })
    expect(kinds.map(({ type, kind }) => [type, kind])).toEqual([
      ['drift.over', 'absorbed'],
      ['drift.over', 'level'],
    ])
  })
})
