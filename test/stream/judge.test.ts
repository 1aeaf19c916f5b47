import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Baseline } from '../../src/model/drift/baseline.ts'
import { type DriftConfig, driftSchema } from '../../src/model/drift/config.ts'
import { dailySchema } from '../../src/model/drift/daily.ts'
import { recalibrationSchema } from '../../src/model/drift/recalibrate.ts'
import { thresholdSchema } from '../../src/model/threshold.ts'
import { Detector, type DetectorOptions } from '../../src/stream/detector.ts'
import { eventFromJson, eventToJson } from '../../src/stream/event-json.ts'
import { Judge } from '../../src/stream/judge.ts'
import type { AuscultEvent, Score } from '../../src/types.ts'
import { calibrationOf, type ScoreProcess, scoreStream } from '../model/drift/simulate.ts'

const HOUR = 3600
const process: ScoreProcess = { family: 'lognormal', correlation: 0.5, spread: 0.3, seed: 1 }
const calibration = calibrationOf(process)
const DETECTOR: DetectorOptions = { open_after: 2, close_after: 3, cooldown: 0, update_every: 1 }

/** A source with a window a second. */
class Source {
  readonly baseline: Baseline
  readonly judge: Judge
  readonly events: AuscultEvent[] = []
  readonly #next = scoreStream(process)
  #index = 0

  constructor(drift: Partial<DriftConfig> = {}, detector: Partial<DetectorOptions> = {}, threshold: object = {}) {
    this.baseline = new Baseline(calibration, {
      threshold: thresholdSchema.parse({ policy: 'percentile', ...threshold }),
      drift: driftSchema.parse(drift),
      daily: dailySchema.parse({}),
      recalibration: recalibrationSchema.parse({}),
    })
    this.judge = new Judge(this.baseline, new Detector({ ...DETECTOR, ...detector }))
  }

  push(score: number): Score {
    const index = this.#index++
    const place = { source: 's', id: `s/${index}`, index, stream: 's', offset: index, time: index * 1000, duration: 1 }
    const judged = this.judge.push({ ...place, score, late: false, latent: new Float32Array(0) })
    this.events.push(...judged.events)
    return judged.score
  }

  run(seconds: number, level: number): this {
    for (let i = 0; i < seconds; i++) this.push(this.#next(level))
    return this
  }

  types(prefix: string): string[] {
    return this.events.filter(({ type }) => type.startsWith(prefix)).map(({ type }) => type)
  }

  drift(): string[] {
    return this.events.flatMap(event => ('kind' in event ? [`${event.kind} ${event.type}`] : []))
  }
}

const fixed = (drift: Partial<DriftConfig> = {}, detector: Partial<DetectorOptions> = {}) =>
  new Source(drift, detector, { policy: 'value', value: 10 })

describe('Judge', () => {
  it('judges each window by the threshold of its time', () => {
    const source = fixed()
    expect(source.judge.threshold).toBe(10)
    expect(source.push(11)).toMatchObject({ score: 11, threshold: 10, anomalous: true, id: 's/0' })
    expect(source.push(10)).toMatchObject({ threshold: 10, anomalous: false })
    source.baseline.use({ policy: { policy: 'value', value: 5 }, calibration })
    expect(source.judge.threshold).toBe(5)
    expect(source.push(6)).toMatchObject({ threshold: 5, anomalous: true })
  })

  it('says what the detector knows', () => {
    const source = fixed({}, { cooldown: 60, close_after: 1 })
    source.push(11)
    expect(source.judge).toMatchObject({ undecided: true, isOpen: false })
    source.push(11)
    expect(source.judge).toMatchObject({ undecided: false, isOpen: true })
    for (const score of [1, 11, 11]) source.push(score)
    expect(source.judge).toMatchObject({ isOpen: false, suppressed: 2 })
    expect(source.judge.end('stopped')).toEqual([])
  })

  it.each([1.2, 1.3, 1.5, 2, 3, 5])('makes a few episodes and one drift event of a level of %d', factor => {
    const source = new Source().run(2 * HOUR, 1)
    const before = source.types('episode.opened').length
    source.run(3 * HOUR, factor)
    expect(source.drift().filter(event => event.startsWith('absorbed'))).toEqual(['absorbed drift.began'])
    expect(source.drift().filter(event => event.startsWith('level')).length).toBeLessThanOrEqual(factor < 1.5 ? 1 : 0)
    expect(source.types('episode.opened').length - before).toBeLessThan(25)
  })

  it('makes hundreds of episodes of it when no level is to be absorbed', () => {
    const source = new Source({ absorb_after: 0 }).run(3 * HOUR, 1.5)
    expect(source.types('episode.opened').length).toBeGreaterThan(100)
    expect(source.drift().filter(event => event.startsWith('absorbed'))).toEqual([])
  })

  it('closes the episode of a level that is absorbed, then tells drift, and its return in one event', () => {
    const source = new Source().run(2 * HOUR, 1).run(2 * HOUR, 3)
    const absorbed = source.events.findIndex(({ type }) => type === 'drift.began')
    expect(source.events[absorbed - 1]).toMatchObject({
      type: 'episode.closed',
      episode: { state: 'closed', closeReason: 'absorbed' },
    })
    const { drift } = source.judge
    expect(drift.factor).toBeCloseTo(3, 0)
    expect(drift.drifting.level).toBe('up')
    source.run(2 * HOUR, 1)
    expect(source.drift()).toEqual(['absorbed drift.began', 'absorbed drift.over'])
    expect(source.judge.drift).toMatchObject({ factor: 1, drifting: { level: undefined, distribution: undefined } })
    for (const event of source.events) expect(eventFromJson(eventToJson(event as never))).toEqual(event)
  })

  it('gives up a level below the threshold once drift is over', () => {
    const source = new Source().run(2 * HOUR, 1).run(3 * HOUR, 1.3)
    expect(source.judge.drift.factor).toBeGreaterThan(1.2)
    source.run(2 * HOUR, 1)
    expect(source.judge.drift).toMatchObject({ factor: 1, drifting: { level: undefined } })
    const kinds = source.drift()
    for (const kind of ['absorbed', 'level']) {
      const own = kinds.filter(each => each.startsWith(kind)).map(each => each.slice(kind.length + 1))
      expect(own).toEqual(own.length === 0 ? [] : ['drift.began', 'drift.over'])
    }
    expect(kinds).toContain('absorbed drift.over')
  })

  it('leaves a level below the threshold alone that goes on rising', () => {
    const source = new Source().run(2 * HOUR, 1)
    for (let minute = 0; minute < 90; minute++) source.run(60, 1.5 ** (minute / 30))
    expect(source.drift()).not.toContain('absorbed drift.began')
  })

  it('keeps faults apart that follow each other within minutes', () => {
    const source = new Source().run(HOUR, 1)
    const before = source.types('episode.opened').length
    for (let fault = 0; fault < 5; fault++) source.run(10, 8).run(50, 1)
    const closed = source.events.filter(({ type }) => type === 'episode.closed').slice(before)
    expect(closed.map(event => 'episode' in event && event.episode.windows)).toHaveLength(5)
  })

  it.each([
    ['10 s of each minute', 10, 50],
    ['12 s of each two minutes', 12, 108],
    ['5 of 15 minutes', 300, 600],
  ])('takes no faults for normal that come and go, %s', (_, fault, pause) => {
    const source = new Source().run(HOUR, 1)
    const { threshold } = source.judge
    for (let second = 0; second < 3 * HOUR; second += fault + pause) source.run(fault, 8).run(pause, 1)
    expect(source.drift()).toEqual([])
    expect(source.judge.threshold).toBe(threshold)
  })

  it('makes one of many episodes that follow each other closely, without its normal windows', () => {
    const source = fixed({ hold_episodes: 4, hold_windows: 100 })
    for (let i = 0; i < 60; i++) for (const score of [12, 12, 1, 1, 1, 1, 1, 1, 1, 1]) source.push(score)
    expect(source.types('episode.opened')).toHaveLength(4)
    const last = source.events.findLast(({ type }) => type === 'episode.updated')
    expect(last).toMatchObject({ episode: { windows: 2 * 57, meanScore: 12 } })
    for (let i = 0; i < 300; i++) source.push(1)
    expect(source.judge.isOpen).toBe(false)
    expect(source.events.at(-1)).toMatchObject({ episode: { closeReason: 'recovered', windows: 2 * 57 } })
  })

  it('learns nothing from an episode, nor from what its cool-down suppresses', () => {
    const source = fixed({}, { cooldown: 100, close_after: 1 })
    const scores = [1, 11, 1, 12, 13, 14, 2, 15, 16, 3]
    for (const score of scores) source.push(score)
    // 11 was a lone one, 12 and 13 opened the episode, 2 closed it, 15 and 16 were suppressed.
    expect([...source.baseline.scores]).toEqual([1, 11, 1, 2, 3])
  })

  it('goes on with an episode and what others know of it', () => {
    const first = fixed()
    for (const score of [11, 11]) first.push(score)
    const opened = first.events[0]
    if (!('episode' in opened)) throw new Error('no episode')
    const known = {
      acknowledged: { who: 'Ada', at: 5 },
      muted: { id: 'm1', reason: 'mute' as const },
      cluster: { id: 3, key: 'k', distance: 1, radius: 2, episodes: 1, exemplars: [] },
      explanation: { window: 's/0', time: 0, score: 11, summary: 'louder', contributors: [] },
    }
    const second = fixed()
    second.judge.resume({ ...opened.episode, ...known })
    for (const score of [11, 11, 11, 12, 1, 1, 1]) second.push(score)
    expect(second.events.map(({ type }) => type)).toEqual(['episode.updated', 'episode.closed'])
    expect(second.events[1]).toMatchObject({ episode: { ...known, windows: 4, peakScore: 12 } })
  })

  it('gives the same events when the same is played again, each with its own id', () => {
    const levels = fc.array(fc.tuple(fc.integer({ min: 1, max: 1200 }), fc.constantFrom(1, 1.3, 2, 4)), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(levels, parts => {
        const [one, two] = [0, 1].map(() => {
          const source = new Source({ block: 5, block_windows: 5, absorb_after: 120, warmup: 10, settle: 60 })
          for (const [seconds, level] of parts) source.run(seconds, level)
          return [...source.events, ...source.judge.end('stopped')]
        })
        expect(two).toEqual(one)
        expect(new Set(one.map(({ eventId }) => eventId)).size).toBe(one.length)
      }),
      { numRuns: 20 },
    )
  })
})
