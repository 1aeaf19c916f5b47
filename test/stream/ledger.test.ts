import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../src/stream/ledger.ts'

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, n) => total + n, 0)

/** What may happen to a source's windows; settling more than is in flight is left out by the model below. */
const step = fc.record({
  source: fc.constantFrom('a', 'b', 'c'),
  action: fc.constantFrom('received', 'scored', 'dropped', 'failed'),
  reason: fc.constantFrom('overflow', 'stopped', 'non_finite'),
  windows: fc.integer({ min: 1, max: 5 }),
})

describe('Ledger', () => {
  it('balances after every step of any schedule', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), schedule => {
        const ledger = new Ledger()
        const held = new Map<string, number>()
        for (const { source, action, reason, windows } of schedule) {
          const before = held.get(source) ?? 0
          if (action === 'received') {
            ledger.received(source, windows)
            held.set(source, before + windows)
          } else if (windows > before) {
            expect(() => ledger.scored(source, windows)).toThrow(RangeError)
          } else {
            if (action === 'scored') ledger.scored(source, windows)
            else ledger[action as 'dropped' | 'failed'](source, reason, windows)
            held.set(source, before - windows)
          }
          const { received, scored, dropped, failed, inFlight } = ledger.account(source)
          expect(received).toBe(scored + sum(dropped) + sum(failed) + inFlight)
          expect(inFlight).toBe(held.get(source) ?? 0)
        }
      }),
    )
  })

  it('counts by reason and by source', () => {
    const ledger = new Ledger()
    ledger.open('idle')
    ledger.received('mic', 5)
    ledger.scored('mic', 2)
    ledger.dropped('mic', 'overflow')
    ledger.failed('mic', 'non_finite')
    expect(ledger.sources()).toEqual(['idle', 'mic'])
    expect(ledger.account('mic')).toEqual({
      received: 5,
      scored: 2,
      dropped: { overflow: 1 },
      failed: { non_finite: 1 },
      inFlight: 1,
    })
    expect(ledger.account('idle').received).toBe(0)
  })
})
