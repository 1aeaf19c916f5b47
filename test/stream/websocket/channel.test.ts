import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch, Message } from '../../../src/stream/websocket/batch.ts'
import { Channel, type Member } from '../../../src/stream/websocket/channel.ts'
import { choiceSchema, subscriptionOf } from '../../../src/stream/websocket/subscription.ts'

const subscription = subscriptionOf(choiceSchema.parse({}))
const message = (seq: number): Message => ({ kind: 'event', seq, bytes: Buffer.from(`${seq} `) })
const view = (source: string, text: string): Message => ({ kind: 'view', seq: 0, source, bytes: Buffer.from(text) })

class Taker implements Member {
  readonly taken: number[] = []

  take(batch: Batch): void {
    this.taken.push(...batch.messages.map(({ seq }) => seq))
  }
}

describe('Channel', () => {
  it('gives each member what comes while it is one, once and in order, however delivery is cut into pieces', () => {
    const member = fc.nat(3)
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant({ do: 'push' as const }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), member }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), member }) },
      { weight: 2, arbitrary: fc.constant({ do: 'seal' as const }) },
      { weight: 5, arbitrary: fc.constant({ do: 'deliver' as const }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), steps => {
        const channel = new Channel(subscription)
        const members = [new Taker(), new Taker(), new Taker(), new Taker()]
        const expected: number[][] = [[], [], [], []]
        const inside = new Set<number>()
        let last = 0
        let batch: Batch | undefined
        let left: Iterator<Member> | undefined
        const finish = () => {
          for (let next = left?.next(); next && !next.done; next = left?.next()) channel.deliver(next.value, batch!)
        }
        for (const step of steps) {
          if (step.do === 'push') {
            channel.push(message(++last))
            for (const i of inside) expected[i].push(last)
          } else if (step.do === 'join' && !inside.has(step.member)) {
            channel.join(members[step.member])
            inside.add(step.member)
          } else if (step.do === 'leave' && inside.delete(step.member)) {
            channel.leave(members[step.member])
            // Wherever it was: nothing is left over for one that is gone.
            expect(members[step.member].taken).toEqual(expected[step.member])
          } else if (step.do === 'seal') {
            finish()
            batch = channel.seal()
            left = channel.members[Symbol.iterator]()
          } else if (step.do === 'deliver') {
            const next = left?.next()
            if (next && !next.done) channel.deliver(next.value, batch!)
          }
        }
        finish()
        for (const i of inside) channel.leave(members[i])
        expect(members.map(({ taken }) => taken)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the latest view of a source, and makes one write of a batch', () => {
    const channel = new Channel(subscription)
    for (const one of [view('a', 'old '), message(1), view('b', 'b '), view('a', 'new ')]) channel.push(one)
    const batch = channel.seal()
    expect(batch.bytes.toString()).toBe('1 b new ')
    expect(batch.bytes).toBe(batch.bytes)
    expect([batch.firstSeq, batch.lastSeq, batch.hasViews]).toEqual([1, 1, true])
  })

  it('knows whether something is on its way to a member', () => {
    const channel = new Channel(subscription)
    const member = new Taker()
    channel.join(member)
    expect(channel.isDone(member)).toBe(true)
    channel.push(message(1))
    expect(channel.isDone(member)).toBe(false)
    const batch = channel.seal()
    expect(channel.isDone(member)).toBe(false)
    channel.deliver(member, batch)
    expect(channel.isDone(member)).toBe(true)
  })
})
