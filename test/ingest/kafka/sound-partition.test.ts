import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InFlight } from '../../../src/ingest/kafka/in-flight.ts'
import { KeyedSources } from '../../../src/ingest/kafka/keyed-sources.ts'
import { Partition } from '../../../src/ingest/kafka/partition.ts'
import { payloadSchema } from '../../../src/ingest/kafka/payload/config.ts'
import { SoundCutter } from '../../../src/ingest/kafka/sound-cutter.ts'
import type { WindowSpec } from '../../../src/ingest/source.ts'
import type { KafkaMessage } from '../../../src/kafka.ts'
import type { Delivery, Window } from '../../../src/types.ts'
import { Reports } from '../../helpers/reports.ts'

const RATE = 1000
const payload = payloadSchema.parse({ format: 'f32le', timestamp_of: 'start' })
const config = { max_message_bytes: 10_000, max_metadata_bytes: 4096, max_keys: 10 }

interface Committed {
  readonly offset: number
  readonly metadata: string | null
}

/** A partition of sound as a daemon makes it that begins at a committed offset. */
function partitionOf(spec: WindowSpec, { offset, metadata }: Committed, reports = new Reports()) {
  const context = {
    name: 'press',
    config,
    shape: spec.shape,
    sources: new KeyedSources('press', config.max_keys),
    inFlight: new InFlight(),
    letters: undefined,
    reports,
  }
  return new Partition('sound', 0, offset, new SoundCutter('sound/0', payload, spec, metadata), context)
}

const specOf = (size: number, hop: number): WindowSpec => ({ shape: [size], sampleRate: RATE, hop })

const START: Committed = { offset: 0, metadata: null }

function messageOf(offset: number, key: string, time: number, samples: Float32Array): KafkaMessage {
  const value = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  return { offset: String(offset), key: Buffer.from(key), timestamp: String(time), value, headers: {}, attributes: 0 }
}

const taken = (partition: Partition): Delivery[] => partition.ready.splice(0)

/** All that a window is, but its count since the start. */
const printOf = ({ index: _, data, ...window }: Window): string => JSON.stringify([window, [...data]])

describe('a partition of sound', () => {
  it('may be committed up to the first message of a window that is open or to come', () => {
    const partition = partitionOf(specOf(250, 100), START)
    const committable: number[] = []
    for (let i = 0; i < 8; i++) {
      partition.take(messageOf(i, 'a', 1000 + i * 50, new Float32Array(50)))
      for (const { ack } of taken(partition)) ack()
      committable.push(partition.committable)
    }
    expect(committable).toEqual([0, 0, 0, 0, 2, 2, 4, 4])
  })

  it('breaks the sound off at a message that is left out undecoded', () => {
    const reports = new Reports()
    const partition = partitionOf(specOf(100, 100), START, reports)
    partition.take(messageOf(0, 'a', 1000, new Float32Array(60)))
    partition.take({ ...messageOf(1, 'a', 1060, new Float32Array(1)), value: null })
    partition.take(messageOf(2, 'a', 1120, new Float32Array(60)))
    expect(partition.ready).toEqual([])
    expect(reports.gaps).toEqual([['press/a', 'sound/0/2: sound before it is missing']])
    expect(partition.committable).toBe(2)
  })

  it('breaks the sound of all keys off at a batch that cannot be decompressed, whose keys nobody knows', () => {
    const reports = new Reports()
    const partition = partitionOf(specOf(100, 100), START, reports)
    for (const key of ['a', 'b']) partition.take(messageOf(key === 'a' ? 0 : 1, key, 1000, new Float32Array(60)))
    const headers = { 'auscult-undecodable': Buffer.from('a zstd batch') }
    const unread = { timestamp: '1000', attributes: 0, value: null }
    partition.take({ ...unread, offset: '2', key: null, headers })
    partition.take(messageOf(3, 'a', 1120, new Float32Array(60)))
    partition.take(messageOf(4, 'b', 1120, new Float32Array(60)))
    expect(partition.ready).toEqual([])
    expect(reports.gaps.map(([source]) => source)).toEqual(['press/a', 'press/b'])
    expect(reports.failures.map(({ reason }) => reason)).toEqual(['compression'])
  })

  it('gives over crashes the windows of one that runs through, bit for bit', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      samples: fc.integer({ min: 1, max: 80 }),
      skip: fc.integer({ min: 1, max: 2 }),
      event: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'gap', 'bad', 'empty'),
    })
    let windows = 0
    let crashes = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 90 }),
        fc.array(step, { minLength: 1, maxLength: 80 }),
        fc.infiniteStream(fc.nat(1000)),
        (size, hop, steps, dice) => {
          const spec = specOf(size, hop)
          const draw = (bound: number) => Number(dice.next().value) % bound
          const ends: Record<string, number> = { a: 1.7e12, b: 1.7e12, c: 1.7e12 }
          let offset = -1
          let value = 0
          const messages = steps.map(({ key, samples, skip, event }) => {
            offset += skip
            if (event === 'gap') ends[key] += 3000
            const data = Float32Array.from({ length: samples }, () => value++)
            if (event === 'bad') data[0] = Number.NaN
            const message = messageOf(offset, key, ends[key], data)
            ends[key] += samples
            return event === 'empty' ? { ...message, value: null } : message
          })

          const whole = partitionOf(spec, START)
          for (const message of messages) whole.take(message)
          const expected = new Map(taken(whole).map(({ window }) => [window.id, window]))

          const durable = new Map<string, Window>()
          let committed = START
          for (let run = 0, done = false; !done; run++) {
            const partition = partitionOf(spec, committed)
            const rest = messages.filter(message => Number(message.offset) >= committed.offset)
            const crashAt = run < 6 ? draw(rest.length + 1) : rest.length
            let open: Delivery[] = []
            const settle = (deliveries: readonly Delivery[]) => {
              for (const { window, ack } of deliveries) {
                durable.set(window.id, window)
                ack()
              }
            }
            for (const message of rest.slice(0, crashAt)) {
              partition.take(message)
              open.push(...taken(partition))
              const stay = open.filter(() => draw(3) === 0)
              settle(open.filter(delivery => !stay.includes(delivery)))
              open = stay
              if (draw(3) === 0) committed = partition.commit() ?? committed
            }
            done = crashAt === rest.length
            if (done) settle(open)
            else crashes++
          }
          const prints = (windows: Map<string, Window>) => [...windows.values()].map(printOf).sort()
          expect(prints(durable)).toEqual(prints(expected))
          windows += expected.size
        },
      ),
      { numRuns: 100 },
    )
    expect(windows).toBeGreaterThan(500)
    expect(crashes).toBeGreaterThan(100)
  })
})
