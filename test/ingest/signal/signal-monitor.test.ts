import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from '../../../src/config.ts'
import { type SignalConfig, signalOptions } from '../../../src/ingest/signal/config.ts'
import { SignalMonitor } from '../../../src/ingest/signal/signal-monitor.ts'
import { seeded } from '../../../src/random.ts'

const RATE = 1000
const schema = z.strictObject(signalOptions)
const config: SignalConfig = schema.parse({
  silence: { below_dbfs: -80, seconds: 2 },
  flat_line: { seconds: 1 },
  clipping: { share: 0.05, seconds: 2 },
})

type Change = [second: number, condition: string, message: string | undefined]

/** Feeds samples in pieces of these sizes, over and over. */
function watch(samples: Float32Array, pieces: readonly number[] = [37], options = config): Change[] {
  const said: Change[] = []
  let at = 0
  const monitor = new SignalMonitor(RATE, options, (condition, message) => said.push([at / RATE, condition, message]))
  for (let i = 0; at < samples.length; i++) {
    const piece = samples.subarray(at, at + pieces[i % pieces.length])
    at += piece.length
    monitor.push(piece)
  }
  return said
}

const names = (said: readonly Change[]) =>
  said.map(([, condition, message]) => `${condition} ${message ? 'on' : 'off'}`)

const random = seeded(5)
const constant = (seconds: number, value: number) => new Float32Array(seconds * RATE).fill(value)
const noise = (seconds: number, rms: number, offset = 0) =>
  Float32Array.from({ length: seconds * RATE }, () => offset + rms * random.normal())
const join = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap(part => [...part]))
const level = (db: number) => 10 ** (db / 20)

describe('SignalMonitor', () => {
  it('says nothing about ordinary sound', () => {
    expect(watch(noise(20, 0.05))).toEqual([])
    expect(watch(noise(20, level(-70)))).toEqual([])
  })

  it('calls zeros silence after the time, and ends it with sound', () => {
    const said = watch(join(noise(3, 0.1), constant(5, 0), noise(3, 0.1)), [100])
    expect(said).toEqual([
      [5, 'silence', 'nothing above -80 dBFS for 2 s: every sample is 0'],
      [8.3, 'silence', undefined],
    ])
  })

  it('calls faint noise silence, whatever its constant part, and says its level', () => {
    for (const offset of [0, 0.2]) {
      const said = watch(noise(5, level(-92), offset))
      expect(names(said)).toEqual(['silence on'])
      const [, measured] = /now (-[\d.]+) dBFS/.exec(said[0][2]!)!
      expect(Math.abs(Number(measured) + 92)).toBeLessThan(2)
    }
  })

  it('neither begins nor ends it at the level itself, nor for a click', () => {
    expect(names(watch(join(constant(3, 0), noise(20, level(-77)))))).toEqual(['silence on'])
    const clicks = constant(30, 0)
    for (let at = 2500; at < clicks.length; at += 2500) clicks[at] = 0.5
    expect(names(watch(clicks))).toEqual(['silence on'])
  })

  it('calls another constant a flat line, and nothing else', () => {
    for (const value of [0.25, 1, -1, level(-85)]) {
      const said = watch(join(noise(1, 0.1), constant(6, value), noise(1, 0.1)), [100])
      expect(names(said)).toEqual(['flat_line on', 'flat_line off'])
      expect(said[0][2]).toBe(`every sample is ${Math.fround(value).toPrecision(4)} for 1 s`)
    }
  })

  it('ends one trouble when it turns into another', () => {
    const said = watch(join(constant(4, 0), constant(4, 0.5), constant(4, 0)))
    expect(names(said)).toEqual(['silence on', 'silence off', 'flat_line on', 'flat_line off', 'silence on'])
  })

  it('does not take a signal in steps for a flat line', () => {
    const steps = Float32Array.from({ length: 20 * RATE }, (_, i) => 0.001 * (1 + Math.floor(i / 100)))
    expect(names(watch(steps)).filter(name => name.startsWith('flat'))).toEqual([])
  })

  it('measures clipping, and ends it well below where it began', () => {
    const clipped = noise(4, 1).map(x => Math.max(-1, Math.min(32767 / 32768, x)))
    const said = watch(join(noise(4, 0.1), clipped, noise(4, 0.1)))
    expect(names(said)).toEqual(['clipping on', 'clipping off'])
    expect(Number.parseFloat(said[0][2]!)).toBeGreaterThanOrEqual(5)
    const rare = noise(20, 0.1)
    for (let i = 0; i < rare.length; i += 25) rare[i] = 1
    expect(watch(rare)).toEqual([])
  })

  it('does not flap where the share of clipping wavers about the limit', () => {
    const said: string[] = []
    const monitor = new SignalMonitor(RATE, config, (condition, message) => said.push(`${condition} ${!!message}`))
    for (let i = 0; i < 60; i++) monitor.push(noise(1, 0.1), undefined, i % 4 < 2 ? 65 : 35)
    expect(said).toEqual(['clipping true'])
    for (let i = 0; i < 3; i++) monitor.push(noise(1, 0.1), undefined, 20)
    expect(said).toEqual(['clipping true', 'clipping false'])
  })

  it('takes a count of clipped samples in place of its own', () => {
    const said: string[] = []
    const monitor = new SignalMonitor(RATE, config, condition => said.push(condition))
    for (let i = 0; i < 20; i++) monitor.push(noise(1, 0.1), undefined, 30)
    expect(said).toEqual([])
    for (let i = 0; i < 20; i++) monitor.push(noise(1, 0.1), undefined, 60)
    expect(said).toEqual(['clipping'])
  })

  it('says the same however the sound is cut into pieces', () => {
    const sound = join(noise(2, 0.1), constant(3, 0), noise(1, 0.9), constant(2, 0.3), noise(2, level(-90)))
    const expected = names(watch(sound, [1]))
    expect(expected.length).toBeGreaterThan(3)
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(sizes, pieces => {
        expect(names(watch(sound, pieces))).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  it('alternates between on and off for each trouble, whatever comes', () => {
    const piece = fc.oneof(
      fc.record({ kind: fc.constant('constant'), value: fc.constantFrom(0, 0.5, 1) }),
      fc.record({ kind: fc.constant('noise'), value: fc.constantFrom(1e-5, 1e-3, 0.1, 2) }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), pieces => {
        const sound = join(
          ...pieces.map(({ kind, value }) => {
            const part = kind === 'noise' ? noise(1, value) : constant(1, value)
            return part.map(x => Math.max(-1, Math.min(1, x)))
          }),
        )
        const said = watch(sound)
        for (const condition of ['silence', 'flat_line', 'clipping']) {
          const states = said.filter(change => change[1] === condition).map(change => change[2] !== undefined)
          expect(states).toEqual(states.map((_, i) => i % 2 === 0))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('begins anew after a reset, and keeps the trouble that there is', () => {
    const said: string[] = []
    const monitor = new SignalMonitor(RATE, config, (condition, message) => said.push(`${condition} ${!!message}`))
    monitor.push(constant(1.9, 0))
    monitor.reset()
    monitor.push(constant(1.9, 0))
    expect(said).toEqual([])
    monitor.push(constant(1, 0))
    monitor.reset()
    monitor.push(constant(3, 0))
    expect(said).toEqual(['silence true'])
    monitor.push(noise(1, 0.1))
    expect(said).toEqual(['silence true', 'silence false'])
  })

  it('reports a wrong rate with the measured one', () => {
    const said: Change[] = []
    const monitor = new SignalMonitor(RATE, config, (...change) => said.push([0, ...change]))
    for (let second = 0; second < 120; second++) monitor.push(noise(0.9, 0.1), second * 1000)
    expect(said).toEqual([[0, 'wrong_rate', '900 samples arrive a second instead of 1000 (-10.0 %)']])
    for (let second = 120; second < 240; second++) monitor.push(noise(1, 0.1), second * 1000)
    expect(said[1]).toEqual([0, 'wrong_rate', undefined])
  })

  it('watches only what is asked for', () => {
    const none = schema.parse({ silence: null, flat_line: null, clipping: null, wrong_rate: null })
    expect(watch(join(constant(20, 0), constant(20, 1)), [37], none)).toEqual([])
  })

  it('survives NaN', () => {
    expect(names(watch(join(constant(5, Number.NaN), constant(5, 0))))).toEqual(['silence on'])
  })
})
