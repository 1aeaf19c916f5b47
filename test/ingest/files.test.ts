import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { checkConfig } from '../../src/config.ts'
import { AuscultError } from '../../src/errors.ts'
import { createSource } from '../../src/ingest/create-source.ts'
import type { Source, WindowSpec } from '../../src/ingest/source.ts'
import { type SourceConfig, sourceSchema } from '../../src/ingest/source-config.ts'
import { encodeWav } from '../../src/ingest/wav-encode.ts'
import type { Window } from '../../src/types.ts'
import { Reports } from '../helpers/reports.ts'
import { errorOf, temporaryFolder } from '../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const SPEC: WindowSpec = { shape: [100], sampleRate: 1000, hop: 50 }

const ramp = (n: number, from = 0) => Float32Array.from({ length: n }, (_, i) => (from + i) / 10_000)

/** Time that passes only by being slept through. */
function fakeClock(now = 0) {
  const slept: number[] = []
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    slept.push(ms)
    clock.time += ms
  }
  const clock = { time: now, slept, now: () => clock.time, sleep }
  return clock
}

const configOf = (options: object) => checkConfig<SourceConfig>({ type: 'files', ...options }, sourceSchema, 'test')

const sourceOf = (options: object, spec = SPEC, clock = systemClock) =>
  createSource('feed', configOf(options), spec, clock)

async function play(source: Source, take = Infinity, each: (window: Window) => void = () => {}) {
  const controller = new AbortController()
  const windows: Window[] = []
  const reports = new Reports()
  for await (const { window, ack } of source.deliveries(controller.signal, reports)) {
    each(window)
    windows.push(window)
    ack()
    if (windows.length === take) controller.abort()
  }
  return { windows, failures: reports.failures }
}

describe('FilesSource', () => {
  it('plays files in order, each cut into windows of its own', async () => {
    write('two/b.wav', encodeWav(ramp(100, 500), 1000, 'float32'))
    write('two/deep/a.wav', encodeWav(ramp(220), 1000, 'float32'))
    const { windows, failures } = await play(sourceOf({ path: `${folder}/two`, speed: 0 }, SPEC, fakeClock(5000)))
    expect(failures).toEqual([])
    expect(windows.map(({ id, index, stream, offset, time }) => [id, index, stream, offset, time])).toEqual([
      ['feed/b.wav/0/0', 0, 'b.wav', 0, 5000],
      ['feed/deep/a.wav/0/0', 1, 'deep/a.wav', 0, 5100],
      ['feed/deep/a.wav/0/50', 2, 'deep/a.wav', 50, 5150],
      ['feed/deep/a.wav/0/100', 3, 'deep/a.wav', 100, 5200],
    ])
    expect(windows[0].data).toEqual(ramp(100, 500))
    expect(windows[2].data).toEqual(ramp(100, 50))
    expect(windows[2]).toMatchObject({ source: 'feed', shape: [100] })
  })

  it('resamples to the rate of the model', async () => {
    const tone = Float32Array.from({ length: 4000 }, (_, i) => Math.sin((2 * Math.PI * 50 * i) / 8000))
    const path = write('rate.wav', encodeWav(tone, 8000, 'float32'))
    const { windows } = await play(sourceOf({ path, speed: 0 }))
    expect(windows).toHaveLength(9)
    const { data } = windows[4]
    for (let i = 0; i < 100; i++) expect(data[i]).toBeCloseTo(Math.sin((2 * Math.PI * 50 * (200 + i)) / 1000), 4)
  })

  it('gives the windows of slicing the whole from a file that is read in many pieces', async () => {
    const samples = ramp(100_000)
    const path = write('long.wav', encodeWav(samples, 1000, 'float32'))
    const { windows } = await play(sourceOf({ path, speed: 0 }, { ...SPEC, hop: 70 }))
    expect(windows).toHaveLength(Math.floor((100_000 - 100) / 70) + 1)
    for (const { offset, data } of windows) expect(data).toEqual(samples.slice(offset, offset + 100))
  })

  it('delivers a window when its last sample would have been captured, faster or slower by `speed`', async () => {
    const path = write('paced.wav', encodeWav(ramp(200), 1000))
    for (const speed of [1, 4, 0.5]) {
      const clock = fakeClock(1000)
      const arrivals: number[] = []
      const { windows } = await play(sourceOf({ path, speed, loop: 2 }, SPEC, clock), Infinity, () =>
        arrivals.push(clock.time),
      )
      expect(arrivals).toEqual([100, 150, 200, 300, 350, 400].map(ms => 1000 + ms / speed))
      expect(windows.map(({ time }) => time)).toEqual([0, 50, 100, 200, 250, 300].map(ms => 1000 + ms))
    }
  })

  it('does not wait when the consumer is late', async () => {
    const path = write('late.wav', encodeWav(ramp(1000), 1000))
    const clock = fakeClock()
    await play(sourceOf({ path }, SPEC, clock), Infinity, ({ index }) => {
      if (index === 0) clock.time += 600
    })
    expect(clock.slept).toEqual([100, ...Array(6).fill(50)])
    expect(clock.time).toBe(1000)
  })

  it('loops a number of times or until it is stopped, with ids of their own', async () => {
    const path = write('loop.wav', encodeWav(ramp(100), 1000))
    const twice = await play(sourceOf({ path, speed: 0, loop: 2 }))
    expect(twice.windows.map(({ id }) => id)).toEqual(['feed/loop.wav/0/0', 'feed/loop.wav/1/0'])
    const forever = await play(sourceOf({ path, speed: 0, loop: true }), 25)
    expect(new Set(forever.windows.map(({ id }) => id)).size).toBe(25)
  })

  it('returns soon after an abort, also while it waits', async () => {
    const path = write('slow.wav', encodeWav(ramp(1000), 1000))
    const controller = new AbortController()
    const deliveries = sourceOf({ path, speed: 0.001 }).deliveries(controller.signal, new Reports())
    setTimeout(() => controller.abort(), 20)
    const started = Date.now()
    for await (const _ of deliveries) throw new Error('no window is due')
    expect(Date.now() - started).toBeLessThan(2000)
  })

  it('reports a NaN stretch for the windows that it hits, and goes on', async () => {
    const samples = ramp(400)
    samples[210] = Number.NaN
    const path = write('nan/nan.wav', encodeWav(samples, 1000, 'float32'))
    const { windows, failures } = await play(sourceOf({ path, speed: 0 }))
    expect(windows.map(({ offset }) => offset)).toEqual([0, 50, 100, 250, 300])
    expect(failures.map(({ source, reason, at, windows }) => [source, reason, at, windows])).toEqual(
      Array(2).fill(['feed', 'non_finite', path, 1]),
    )
    expect(String(failures[0].error)).toContain('sample 210 is NaN')
  })

  it('reports files that cannot be played, and plays the others', async () => {
    write('mixed/1-cut.wav', encodeWav(ramp(300), 1000).subarray(0, 400))
    write('mixed/2-good.wav', encodeWav(ramp(100), 1000))
    write('mixed/3-short.wav', encodeWav(ramp(99), 1000))
    write('mixed/4-frames.raw', new Uint8Array(400))
    const { windows, failures } = await play(
      sourceOf({ path: [`${folder}/mixed`, `${folder}/mixed/4-frames.raw`], speed: 0, loop: 2 }),
    )
    expect(windows.map(({ stream }) => stream)).toEqual(['2-good.wav', '2-good.wav'])
    const once = [
      ['decode', `${folder}/mixed/1-cut.wav:400`],
      ['shape', `${folder}/mixed/3-short.wav`],
      ['shape', `${folder}/mixed/4-frames.raw`],
    ]
    expect(failures.map(({ reason, at }) => [reason, at])).toEqual([...once, ...once])
  })

  it('ends when a whole pass gives nothing, though it should loop', async () => {
    const path = write('useless.wav', 'nothing')
    const { windows, failures } = await play(sourceOf({ path, speed: 0, loop: true }))
    expect([windows.length, failures.length]).toEqual([0, 1])
  })

  it('pads the tail where asked', async () => {
    const path = write('tail.wav', encodeWav(ramp(30, 1), 1000, 'float32'))
    const { windows } = await play(sourceOf({ path, speed: 0, tail: 'pad' }))
    expect(windows.map(({ data }) => [...data])).toEqual([[...ramp(30, 1), ...Array(70).fill(0)]])
  })

  it('plays frames at their rate, and reports the bad one', async () => {
    const values = Float32Array.of(1, 2, 3, Number.NaN, 5, 6)
    const path = write('frames.raw', new Uint8Array(values.buffer))
    const clock = fakeClock()
    const spec = { shape: [2], sampleRate: null, hop: 1 }
    const { windows, failures } = await play(sourceOf({ path, frame_rate: 4 }, spec, clock))
    expect(windows.map(({ offset, time, data }) => [offset, time, ...data])).toEqual([
      [0, 0, 1, 2],
      [2, 500, 5, 6],
    ])
    expect(failures.map(({ reason }) => reason)).toEqual(['non_finite'])
    expect(clock.time).toBe(750)
  })

  it('takes no sound for a model of frames', async () => {
    const path = write('sound.wav', encodeWav(ramp(100), 1000))
    const { failures } = await play(sourceOf({ path, speed: 0 }, { shape: [100], sampleRate: null, hop: 1 }))
    expect(String(failures[0].error)).toContain('the file holds sound, the model wants frames of [100]')
  })

  it('refuses to open without files', async () => {
    const error = await errorOf(() =>
      sourceOf({ path: `${folder}/nowhere/*.wav` }).open?.(new AbortController().signal),
    )
    expect(error).toBeInstanceOf(AuscultError)
    expect((error as AuscultError).code).toBe('AUSCULT_INPUT_MISSING')
  })
})

describe('sourceSchema', () => {
  it('has a default for all but the path', () => {
    expect(configOf({ path: 'a' })).toEqual({
      type: 'files',
      path: 'a',
      speed: 1,
      loop: false,
      tail: 'drop',
      frame_rate: 1,
    })
  })

  it('reads files as the model says, unless the configuration says otherwise', async () => {
    const path = write('frames.dat', new Uint8Array(Int16Array.of(1, 2, 3, 4).buffer))
    const spec = { shape: [2], sampleRate: null, hop: 1, format: { format: 'raw', dtype: 'i16le' } as const }
    const first = async (input?: object) => {
      const source = createSource('f', configOf({ path, speed: 0, input }), spec)
      for await (const { window } of source.deliveries(new AbortController().signal, new Reports()))
        return [...window.data]
    }
    expect(await first()).toEqual([1, 2])
    expect(await first({ format: 'raw', dtype: 'u16le' })).toEqual([1, 2])
    expect(await first({ format: 'raw', dtype: 'u8' })).toEqual([1, 0])
  })

  it('refuses what it does not know', () => {
    for (const wrong of [
      { path: 'a', sped: 1 },
      { path: '' },
      { path: [] },
      { path: 'a', speed: -1 },
      { path: 'a', loop: 0 },
    ]) {
      expect(() => configOf(wrong)).toThrow(AuscultError)
    }
  })
})
