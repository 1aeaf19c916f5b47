import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { recordingConfigSchema } from '../src/daemon-config.ts'
import { AuscultError } from '../src/errors.ts'
import { openRecording } from '../src/ingest/decode.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { silentLogger } from '../src/logger.ts'
import { readBundle } from '../src/model/bundle.ts'
import { formatRecorded, type RecordingParts, runRecording } from '../src/record.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { runTraining } from '../src/train/train.ts'
import { FakeFeed } from './helpers/fake-feed.ts'
import { errorOf, temporaryFolder } from './helpers/temporary.ts'
import { until } from './helpers/until.ts'
import { hum } from './train/recordings.ts'

const { folder, write } = temporaryFolder()
const RATE = 1000

let count = 0
async function record(raw: object, parts: Partial<RecordingParts> = {}) {
  const out = join(folder, `out${count++}`)
  const config = checkConfig(
    {
      sources: {},
      ...raw,
      record: { folder: out, sample_rate: RATE, encoding: 'float32', ...(raw as { record?: object }).record },
    },
    recordingConfigSchema,
    'test',
  )
  const recorded = await runRecording(config, { logger: silentLogger, signal: new AbortController().signal, ...parts })
  return { recorded, out }
}

const wavsIn = (path: string) => readdirSync(path).map(name => join(path, name))

async function samplesOf(path: string): Promise<Float32Array> {
  const recording = await openRecording(path)
  if (recording.kind !== 'audio') throw new Error('no sound')
  return recording.read(0, recording.length)
}

describe('runRecording', () => {
  it('writes what sources give, without the overlap of a daemon, until they end', async () => {
    write('feed/a.wav', encodeWav(hum(2500, 1), RATE, 'float32'))
    write('feed/b.wav', encodeWav(hum(1000, 2), RATE, 'float32'))
    const { recorded, out } = await record({
      sources: { pump: { type: 'files', path: join(folder, 'feed'), speed: 0 } },
      window: { overlap: 0.75 },
    })
    expect(recorded).toEqual([
      { source: 'pump', folder: join(out, 'pump'), files: 2, seconds: 3.5, frames: 0, failed: 0, unwritten: 0 },
    ])
    const [a, b] = wavsIn(join(out, 'pump')).sort()
    expect(await samplesOf(a)).toEqual(hum(2500, 1))
    expect(await samplesOf(b)).toEqual(hum(1000, 2))
    expect(formatRecorded(recorded)).toBe(`pump: 3.5 s in 2 files, ${join(out, 'pump')}`)
  })

  it('gives each source of a feed files of its own, and holds windows back until they are written', async () => {
    const feed = Object.assign(new FakeFeed('kafka', [new Float32Array(100), new Float32Array(100)]), {
      sourceOf: (index: number) => `kafka/${index}`,
    })
    const { recorded, out } = await record({}, { feeds: () => [feed] })
    expect(recorded.map(({ source, seconds, files }) => [source, seconds, files])).toEqual([
      ['kafka/0', 0.1, 1],
      ['kafka/1', 0.1, 1],
    ])
    expect(wavsIn(join(out, 'kafka_0'))).toHaveLength(1)
    expect([feed.held, feed.acked]).toEqual([
      [0, 1],
      [0, 1],
    ])
  })

  it('writes what was received when it is stopped', async () => {
    const controller = new AbortController()
    const sources: MemorySource[] = []
    const feeds: RecordingParts['feeds'] = spec => {
      sources.push(new MemorySource('mic', spec), new MemorySource('feed/key 7', spec))
      return sources
    }
    const recording = record({}, { feeds, signal: controller.signal })
    await until(() => sources.length === 2)
    sources[0].push(hum(1050, 3))
    sources[1].push(hum(300, 4))
    await until(() => sources.every(({ waiting }) => waiting === 0))
    controller.abort()
    const { recorded, out } = await recording
    expect(recorded.map(({ seconds }) => seconds)).toEqual([1, 0.3])
    expect(readdirSync(out).sort()).toEqual(['feed_key_7', 'mic'])
    expect(await samplesOf(wavsIn(join(out, 'mic'))[0])).toEqual(hum(1050, 3).slice(0, 1000))
  })

  it('brings what a quiet source has given to the disk within seconds', async () => {
    const controller = new AbortController()
    const acked: number[] = []
    let mic: MemorySource | undefined
    const feeds: RecordingParts['feeds'] = spec => {
      mic = new MemorySource('mic', spec, { onAck: ({ index }) => acked.push(index) })
      return [mic]
    }
    const recording = record({}, { feeds, signal: controller.signal })
    await until(() => mic)
    mic!.push(hum(200, 5))
    await until(() => acked.length === 2, 4000)
    controller.abort()
    await recording
  })

  it('makes a training set', async () => {
    for (let i = 0; i < 6; i++) write(`normal/${i}.wav`, encodeWav(hum(2000, i), RATE))
    const { out } = await record({
      sources: { pump: { type: 'files', path: join(folder, 'normal'), speed: 0 } },
      record: { minutes: 1 / 60, encoding: 'int16' },
    })
    const { bundleFolder, summary } = await runTraining(
      checkConfig(
        {
          output: join(folder, 'model'),
          input: { paths: [out] },
          front_end: { type: 'raw', sample_rate: RATE, window_samples: 100 },
          architecture: { type: 'dense-ae', hidden: [8], latent: 2 },
          training: { epochs: 1, batch_size: 16 },
        },
        trainConfigSchema,
        'test',
      ),
      { checkpoint: false },
    )
    const { train, validation, calibration, dropped } = summary.recordings
    expect([train + validation + calibration, dropped]).toEqual([12, 0])
    const { window } = (await readBundle(bundleFolder)).manifest

    // And the bundle says how to record where the configuration does not.
    const again = await record({
      bundle: bundleFolder,
      sources: { pump: { type: 'files', path: join(folder, 'normal/0.wav'), speed: 0 } },
      record: { sample_rate: null },
    })
    expect(window.sample_rate).toBe(RATE)
    expect(again.recorded[0].seconds).toBe(2)
  })

  it('makes a training set of frames', async () => {
    mkdirSync(join(folder, 'frames'))
    for (let i = 0; i < 5; i++) {
      const values = Float32Array.from({ length: 24 }, (_, k) => Math.sin(i + k))
      writeFileSync(join(folder, 'frames', `${i}.raw`), new Uint8Array(values.buffer))
    }
    const { recorded, out } = await record({
      sources: { detector: { type: 'files', path: join(folder, 'frames'), speed: 0 } },
      record: { sample_rate: null, shape: [2, 3] },
    })
    expect(recorded[0]).toMatchObject({ files: 1, seconds: null, frames: 20 })
    expect(formatRecorded(recorded)).toContain('detector: 20 frames in 1 file,')
    const { summary } = await runTraining(
      checkConfig(
        {
          output: join(folder, 'frame-model'),
          input: { paths: [out] },
          front_end: { type: 'frame', shape: [2, 3] },
          architecture: { type: 'dense-ae', hidden: [4], latent: 2 },
          training: { epochs: 1, batch_size: 4 },
        },
        trainConfigSchema,
        'test',
      ),
      { checkpoint: false },
    )
    const { train, validation, calibration } = summary.windows
    expect(train + validation + calibration).toBe(20)
  })

  it('counts what cannot be recorded, and goes on', async () => {
    write('mixed/bad.wav', 'not sound')
    write('mixed/good.wav', encodeWav(hum(500, 1), RATE))
    const { recorded } = await record({ sources: { pump: { type: 'files', path: join(folder, 'mixed'), speed: 0 } } })
    expect(recorded[0]).toMatchObject({ files: 1, seconds: 0.5, failed: 1 })
    expect(formatRecorded(recorded)).toContain('1 window failed')
  })

  it.each([
    ['a source that is not there', { sources: { a: { type: 'files', path: '/nowhere' } } }, 'AUSCULT_INPUT_MISSING'],
    ['no source', {}, 'AUSCULT_CONFIG'],
    ['nothing that says what is recorded', { record: { sample_rate: null } }, 'AUSCULT_CONFIG'],
    ['a bundle that is not there', { bundle: '/nowhere', record: { sample_rate: null } }, 'AUSCULT_BUNDLE'],
    ['a folder that cannot be made', { record: { folder: '/dev/null/x' } }, 'AUSCULT_OUTPUT'],
  ])('refuses %s before anything is written', async (_, raw, code) => {
    const feeds: RecordingParts['feeds'] = spec => (code === 'AUSCULT_OUTPUT' ? [new MemorySource('a', spec)] : [])
    const error = await errorOf(() => record(raw, { feeds }))
    expect(error).toBeInstanceOf(AuscultError)
    expect((error as AuscultError).code).toBe(code)
  })

  it('finishes what it has when a source breaks off, and says why', async () => {
    const feeds: RecordingParts['feeds'] = spec => {
      const good = new MemorySource('good', spec)
      good.push(hum(300, 1))
      good.end()
      const bad = new MemorySource('bad', spec)
      bad.push(hum(200, 1))
      bad.end()
      const { deliveries } = bad
      bad.deliveries = async function* (...args) {
        yield* deliveries.apply(bad, args)
        throw new Error('the cable is cut')
      }
      return [good, bad]
    }
    const out = join(folder, 'broken')
    await expect(record({ record: { folder: out } }, { feeds })).rejects.toThrow('the cable is cut')
    expect((await samplesOf(wavsIn(join(out, 'bad'))[0])).length).toBe(200)
    expect((await samplesOf(wavsIn(join(out, 'good'))[0])).length).toBe(300)
  })
})
