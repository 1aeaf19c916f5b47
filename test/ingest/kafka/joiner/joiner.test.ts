import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AudioJoiner,
  type Chunk,
  type JoinedWindow,
  type ResumePoint,
} from '../../../../src/ingest/kafka/joiner/joiner.ts'
import { messageRate } from '../../../../src/ingest/kafka/joiner/message-rate.ts'
import { convert } from '../../../../src/ingest/resample.ts'
import type { WindowSpec } from '../../../../src/ingest/source.ts'
import type { MonoSamples } from '../../../../src/ingest/wav.ts'

const RATE = 1000
const OPTIONS = { gap_seconds: 0.5, idle_seconds: 60 }

const specOf = (size: number, hop: number): WindowSpec => ({ shape: [size], sampleRate: RATE, hop })

const joinerOf = (size: number, hop = size) => new AudioJoiner(specOf(size, hop), OPTIONS)

const ramp = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i)

/** A chunk of `samples` counting up, that begins `time` ms after the epoch. */
const chunk = (offset: number, time: number, samples = 100, sequence?: number): Chunk => ({
  offset: BigInt(offset),
  time,
  samples: ramp(time, samples),
  sequence,
})

const idOf = ({ segment, offset }: JoinedWindow) => `${segment}/${offset}`

describe('AudioJoiner', () => {
  it('cuts windows across messages, named by the first message and their position', () => {
    const joiner = joinerOf(150, 100)
    expect(joiner.push(chunk(7, 0))).toEqual({ cuts: [], gap: undefined })
    const { cuts } = joiner.push(chunk(9, 100, 200))
    expect(cuts.map(idOf)).toEqual(['7/0', '7/100'])
    expect(cuts.map(cut => cut.messages)).toEqual([
      { first: 7n, last: 9n },
      { first: 9n, last: 9n },
    ])
    expect(cuts.map(cut => cut.time)).toEqual([0, 100])
    expect(cuts[1].data).toEqual(ramp(100, 150))
  })

  it('begins anew behind a gap in time, and says how long it is', () => {
    const joiner = joinerOf(100)
    joiner.push(chunk(1, 0, 150))
    expect(joiner.push(chunk(2, 651, 100)).gap).toBe('0.501 s are missing')
    const { cuts, gap } = joiner.push(chunk(3, 751, 100))
    expect(gap).toBeUndefined()
    expect(cuts.map(idOf)).toEqual(['2/100'])
    expect(joiner.push(chunk(4, 0)).gap).toBe('the time goes back by 0.851 s')
  })

  it('takes jitter of stamps and a clock that runs wrong for no gap, and smooths the times', () => {
    const joiner = joinerOf(1000)
    let last = 0
    const steps: number[] = []
    const gaps: string[] = []
    for (let i = 0; i < 20_000; i++) {
      const jitter = (i * 7919) % 401
      const { cuts, gap } = joiner.push(chunk(i, i * 100 * 1.01 + jitter, 100))
      if (gap) gaps.push(gap)
      for (const cut of cuts) {
        if (i > 1000) steps.push(cut.time - last)
        last = cut.time
      }
    }
    expect(gaps).toEqual([])
    expect(Math.abs(last - (1_999_000 * 1.01 + 200))).toBeLessThan(300)
    expect(Math.max(...steps.map(step => Math.abs(step - 1010)))).toBeLessThan(30)
  })

  it('goes by numbers where there are some', () => {
    const joiner = joinerOf(100)
    joiner.push(chunk(1, 0, 100, 5))
    expect(joiner.push(chunk(2, 5000, 100, 6))).toMatchObject({ gap: undefined, cuts: [{ segment: '1', time: 5000 }] })
    expect(joiner.push(chunk(3, 5000, 100, 6))).toEqual({ cuts: [], dropped: 'duplicate' })
    expect(joiner.push(chunk(4, 0, 100, 5))).toEqual({ cuts: [], dropped: 'duplicate' })
    expect(joiner.push(chunk(5, 0, 100, 4))).toEqual({ cuts: [], dropped: 'out_of_order' })
    expect(joiner.push(chunk(6, 5200, 100, 9)).gap).toBe('2 messages are missing before number 9')
    expect(joiner.push(chunk(7, 5100, 100, 7))).toEqual({ cuts: [], dropped: 'out_of_order' })
    expect(joiner.push(chunk(8, 5300, 100, 10)).cuts.map(idOf)).toEqual(['6/100'])
    expect(joiner.push(chunk(9, 70_000, 100, 11)).gap).toBe('64.600 s are missing')
  })

  it('sees that a producer counts from the beginning again', () => {
    const joiner = joinerOf(100)
    joiner.push(chunk(1, 0, 100, 500))
    expect(joiner.push(chunk(2, 300, 100, 0))).toEqual({ cuts: [], dropped: 'out_of_order' })
    expect(joiner.push(chunk(3, 700, 100, 1)).gap).toBe('the numbers begin again at 1')
    expect(joiner.push(chunk(4, 800, 100, 2)).cuts.map(idOf)).toEqual(['3/100'])
  })

  it('breaks off at a message that could not be read', () => {
    const joiner = joinerOf(100)
    joiner.lost()
    expect(joiner.push(chunk(1, 0, 150)).gap).toBeUndefined()
    joiner.lost()
    expect(joiner.parkedFrom).toBeUndefined()
    expect(joiner.push(chunk(3, 200, 100))).toMatchObject({
      gap: 'sound before it is missing',
      cuts: [{ segment: '3', offset: 0 }],
    })
  })

  it('says from which message on samples are held', () => {
    const joiner = joinerOf(250, 200)
    expect(joiner.parkedFrom).toBeUndefined()
    for (const [offset, expected] of [10n, 10n, 12n, 12n, 14n].entries()) {
      joiner.push(chunk(offset + 10, offset * 100))
      expect(joiner.parkedFrom).toBe(expected)
    }
    const sparse = joinerOf(50, 300)
    sparse.push(chunk(1, 0))
    expect(sparse.parkedFrom).toBeUndefined()
  })

  it('lets go of a key that is silent for long', () => {
    const joiner = joinerOf(250)
    joiner.push(chunk(1, 0))
    expect(joiner.expire(60_100)).toBe(false)
    expect(joiner.parkedFrom).toBe(1n)
    expect(joiner.expire(60_101)).toBe(true)
    expect(joiner.expire(60_101)).toBe(false)
    expect(joiner.parkedFrom).toBeUndefined()
    expect(joiner.push(chunk(2, 70_000)).gap).toBe('69.900 s are missing')
  })

  it('has short resume points and none before the first message', () => {
    const joiner = joinerOf(100)
    expect(joiner.resumePointAt(0n)).toBeUndefined()
    for (let i = 0; i < 100; i++) joiner.push(chunk(10_000_000 + i, 1.7e12 + i * 33.3333333, 33, i))
    expect(JSON.stringify(joiner.resumePointAt(10_000_050n)).length).toBeLessThan(110)
    expect(joiner.resumePointAt(10_000_050n)).toMatchObject({ segment: '10000000', position: 1650, sequence: 49 })
  })
})

describe('AudioJoiner, of messages at another rate', () => {
  const noise = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i * i * 0.001))
  const sound = (sampleRate: number): MonoSamples => ({
    name: 'noise',
    sampleRate,
    channels: 1,
    length: noise.length,
    read: (start, count) => noise.slice(start, start + count),
  })

  it.each([3000, 441])('gives the windows of the sound resampled as a whole: %i Hz', async rate => {
    const whole = await convert(sound(rate), RATE)
    const expected = whole.read(0, whole.length)
    const joiner = new AudioJoiner(specOf(700, 500), OPTIONS, await messageRate(rate, specOf(1, 1), 'test'))
    const cuts: JoinedWindow[] = []
    let position = 0
    for (let offset = 5; position < noise.length; offset++) {
      const samples = noise.slice(position, position + 10 + (offset % 7) * 5)
      cuts.push(...joiner.push({ samples, offset: BigInt(offset), time: (position / rate) * 1000 }).cuts)
      position += samples.length
    }
    const made = (cuts.length - 1) * 500 + 700
    expect(made).toBeGreaterThan((noise.length * RATE) / rate - 4096 - 200 - 500)
    for (const [i, { offset, segment, time, data }] of cuts.entries()) {
      expect([offset, segment]).toEqual([i * 500, '5'])
      expect(Math.abs(time - offset)).toBeLessThan(1)
      expect(data).toEqual(expected.slice(offset, offset + 700))
    }
  })

  it('holds no more than two blocks of about 4096 samples, and the filter', async () => {
    const joiner = new AudioJoiner(specOf(100, 100), OPTIONS, await messageRate(3000, specOf(1, 1), 'test'))
    for (let i = 0; i < 500; i++) {
      joiner.push(chunk(i, (i * 100) / 3, 100))
      joiner.resumePointAt(joiner.parkedFrom ?? 0n)
      expect(joiner.records).toBeLessThan((2 * 4096 * 3) / 100 + 10)
    }
  })

  it('is refused where the rates cannot be converted', async () => {
    expect(await messageRate(undefined, specOf(1, 1), 'a')).toBeUndefined()
    expect(await messageRate(RATE, specOf(1, 1), 'a')).toBeUndefined()
    await expect(messageRate(1_000_003, specOf(1, 1), 'sources.a')).rejects.toMatchObject({
      code: 'AUSCULT_CONFIG',
      at: 'sources.a',
      message: '1000003 Hz cannot be converted to 1000 Hz',
    })
  })
})

interface Schedule {
  readonly size: number
  readonly hop: number
  readonly messages: readonly (Chunk | { readonly lost: bigint })[]
}

const offsetOf = (message: Schedule['messages'][number]) => ('lost' in message ? message.lost : message.offset)

interface ScheduleOptions {
  /** Of the messages. */
  readonly rate: number
  /** Of the lengths of windows and messages. */
  readonly scale: number
  readonly steps: { readonly minLength: number; readonly maxLength: number }
  /** Messages without an event for each with one. */
  readonly calm: number
}

/** Messages of one key in a partition that others share: of any length, with jitter, gaps, duplicates, stragglers and unreadable ones. */
const schedulesOf = ({ rate, scale, steps: count, calm }: ScheduleOptions): fc.Arbitrary<Schedule> =>
  fc
    .record({
      size: fc.integer({ min: 1, max: 60 * scale }),
      hop: fc.integer({ min: scale > 1 ? 5 * scale : 1, max: 90 * scale }),
      numbered: fc.boolean(),
      steps: fc.array(
        fc.record({
          samples: fc.integer({ min: Math.floor(scale / 2) + 1, max: 80 * scale }),
          skip: fc.integer({ min: 1, max: 3 }),
          jitter: fc.integer({ min: 0, max: 300 }),
          event: fc.oneof(
            { weight: calm, arbitrary: fc.constant('none') },
            { weight: 1, arbitrary: fc.constantFrom('gap', 'pause', 'again', 'back', 'lost', 'restart') },
          ),
        }),
        count,
      ),
    })
    .map(({ size, hop, numbered, steps }) => {
      const messages: Schedule['messages'][number][] = []
      let offset = 0
      let time = 1.7e12
      let value = 0
      let number = 1000
      for (const { samples, skip, jitter, event } of steps) {
        offset += skip
        if (event === 'lost') {
          messages.push({ lost: BigInt(offset) })
          number++
          continue
        }
        if (event === 'gap') time += 2000
        if (event === 'gap') number += 3
        if (event === 'pause') time += 100_000
        if (event === 'restart') number = 0
        const back = event === 'again' ? 1 : event === 'back' ? 5 : 0
        const sequence = numbered ? Math.max(0, number - back) : undefined
        messages.push({ offset: BigInt(offset), time: time + jitter / 3, samples: ramp(value, samples), sequence })
        value += samples
        time += (samples / rate) * 1000
        if (!back) number++
      }
      return { size, hop, messages }
    })

const feed = (joiner: AudioJoiner, message: Schedule['messages'][number]) => {
  if (!('lost' in message)) return joiner.push(message).cuts
  joiner.lost()
  return []
}

/** All that a window is; tens of thousands of samples compare faster by their hash. */
const printOf = ({ data, ...cut }: JoinedWindow): string => {
  const hash = createHash('sha1').update(new Uint8Array(data.buffer)).digest('hex')
  return JSON.stringify({ ...cut, hash }, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

describe('a joiner that crashes', () => {
  it.each([
    { rate: RATE, scale: 1, calm: 1, steps: { minLength: 1, maxLength: 60 }, runs: 300 },
    { rate: 3 * RATE, scale: 60, calm: 20, steps: { minLength: 40, maxLength: 40 }, runs: 6 },
    { rate: 441, scale: 20, calm: 20, steps: { minLength: 40, maxLength: 40 }, runs: 4 },
  ])(
    'gives with its followers the windows of one that does not, bit for bit, at $rate Hz',
    async ({ runs, ...options }) => {
      const resampled = await messageRate(options.rate, specOf(1, 1), 'test')
      let windows = 0
      let again = 0
      let resumed = 0
      fc.assert(
        fc.property(schedulesOf(options), fc.infiniteStream(fc.nat(1000)), ({ size, hop, messages }, dice) => {
          const spec = specOf(size, hop)
          const draw = (bound: number) => Number(dice.next().value) % bound
          const whole = new AudioJoiner(spec, OPTIONS, resampled)
          const expected = new Map(messages.flatMap(message => feed(whole, message)).map(cut => [idOf(cut), cut]))

          const durable = new Map<string, JoinedWindow>()
          const acknowledgeSome = (cuts: JoinedWindow[]) => {
            const left = cuts.filter(() => draw(4) === 0)
            for (const cut of cuts) if (!left.includes(cut)) durable.set(idOf(cut), cut)
            return left
          }
          let committed = 0n
          let stored: string | undefined
          let crashes = 0
          for (let done = false; !done; crashes++) {
            const point = stored === undefined ? undefined : (JSON.parse(stored) as ResumePoint)
            if (point) resumed++
            const joiner = point
              ? AudioJoiner.resume(spec, OPTIONS, point, resampled)
              : new AudioJoiner(spec, OPTIONS, resampled)
            const rest = messages.filter(message => offsetOf(message) >= committed)
            const crashAt = crashes < 6 ? draw(rest.length + 1) : rest.length
            let unacked: JoinedWindow[] = []
            for (const message of rest.slice(0, crashAt)) {
              for (const cut of feed(joiner, message)) {
                if (durable.has(idOf(cut))) again++
                unacked.push(cut)
              }
              if (draw(3) > 0) unacked = acknowledgeSome(unacked)
              if (draw(3) > 0) continue
              const frontier = [offsetOf(message) + 1n, joiner.parkedFrom, ...unacked.map(cut => cut.messages.first)]
              const most = frontier.reduce<bigint>((a, b) => (b !== undefined && b < a ? b : a), offsetOf(message) + 1n)
              if (most < committed) throw new Error('the frontier went back')
              committed += BigInt(draw(Number(most - committed) + 1))
              const next = joiner.resumePointAt(committed)
              stored = next && JSON.stringify(next)
            }
            done = crashAt === rest.length
            if (done) for (const cut of unacked) durable.set(idOf(cut), cut)
          }
          expect([...durable.values()].map(printOf).sort()).toEqual([...expected.values()].map(printOf).sort())
          windows += expected.size
        }),
        { numRuns: runs },
      )
      expect(windows).toBeGreaterThan(runs)
      expect(again).toBeGreaterThan(runs / 10)
      expect(resumed).toBeGreaterThan(runs)
    },
  )

  it('holds no records of messages before the committed offset', () => {
    const joiner = joinerOf(100)
    for (let i = 0; i < 1000; i++) {
      joiner.push(chunk(i, i * 100, 100))
      joiner.resumePointAt(BigInt(i))
      expect(joiner.records).toBeLessThanOrEqual(2)
    }
  })
})
