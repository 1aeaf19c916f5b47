import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createDaemon, type DaemonParts, daemonConfigSchema } from '../src/daemon.ts'
import { MemorySource } from '../src/ingest/memory.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { silentLogger } from '../src/logger.ts'
import { seeded } from '../src/random.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { runTraining } from '../src/train/train.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { hum } from './train/recordings.ts'

/** Samples per second, the same for model and feed, and of a window. */
const RATE = 4000
const WINDOW = 800
const SECONDS = 12

const MEL = { type: 'log-mel', sample_rate: RATE, n_fft: 256, hop_length: 128, n_mels: 16, stack: 3 }
const MODELS = [
  {
    name: 'dense-ae',
    front_end: { ...MEL, window_samples: WINDOW },
    architecture: { type: 'dense-ae', hidden: [128] },
  },
  {
    name: 'conv1d-ae',
    front_end: { type: 'raw', sample_rate: RATE, window_samples: WINDOW },
    architecture: { type: 'conv1d-ae' },
  },
]

const { folder, write } = temporaryFolder()
const samples = hum(SECONDS * RATE, 77, 0.06)
const recordings = Array.from({ length: 5 }, (_, i) => write(`train/${i}.wav`, encodeWav(hum(8000, i), RATE)))
const feed = write('feed.wav', encodeWav(samples, RATE, 'float32'))
let count = 0

async function train({ name, ...model }: (typeof MODELS)[number]): Promise<string> {
  const config = {
    ...model,
    output: join(folder, name),
    input: { paths: recordings },
    training: { epochs: 1, batch_size: 8 },
  }
  return (await runTraining(checkConfig(config, trainConfigSchema, 'test'), { checkpoint: false })).bundleFolder
}

/** Scores of a source by the offset of their windows, from a whole daemon with its worker threads. */
async function scoresOf(
  bundle: string,
  sources: object,
  { feeds, batch = 16 }: { feeds?: DaemonParts['feeds']; batch?: number } = {},
): Promise<[number, number][]> {
  const raw = {
    bundle,
    sources,
    http: { port: 0 },
    store: { path: join(folder, `events${count++}.db`) },
    window: { overlap: 0.5 },
    batch: { max: batch, wait_ms: 1 },
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), { logger: silentLogger, feeds })
  const scores: [number, number][] = []
  daemon.on('score', ({ offset, score }) => scores.push([offset, score]))
  await daemon.start()
  await daemon.finished
  await daemon.stop()
  return scores
}

/** A microphone whose driver gives chunks of any size, from one sample to more than a window. */
const microphone: DaemonParts['feeds'] = spec => {
  const random = seeded(3)
  const source = new MemorySource('mic', spec)
  for (let at = 0; at < samples.length; ) {
    const n = 1 + Math.floor(random.uniform() ** 3 * 2000)
    source.push(samples.subarray(at, at + n))
    at += n
  }
  source.end()
  return [source]
}

describe.each(MODELS)('replay through $name', model => {
  let bundle: string
  let live: [number, number][]

  beforeAll(async () => {
    bundle = await train(model)
    live = await scoresOf(bundle, {}, { feeds: microphone })
  })

  it('has a live feed to compare with', () => {
    expect(live.length).toBe((SECONDS * RATE - WINDOW) / (WINDOW / 2) + 1)
    expect(new Set(live.map(([, score]) => score)).size).toBeGreaterThan(live.length / 2)
  })

  it.each([0, 50, 400])('at speed %i gives the scores of the live feed, bit by bit', async speed => {
    expect(await scoresOf(bundle, { mic: { type: 'files', path: feed, speed } })).toEqual(live)
  })

  it('gives them one by one, and in batches with other feeds', async () => {
    const one = { type: 'files', path: feed, speed: 0 }
    expect(await scoresOf(bundle, { mic: one }, { batch: 1 })).toEqual(live)
    const together = await scoresOf(bundle, { a: one, b: one, c: one }, { batch: 64 })
    expect(together.sort((a, b) => a[0] - b[0])).toEqual(live.flatMap(score => [score, score, score]))
  })
})
