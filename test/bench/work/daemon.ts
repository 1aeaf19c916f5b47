import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon, daemonConfigSchema } from '../../../src/daemon.ts'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import { silentLogger } from '../../../src/logger.ts'
import { loadScorer } from '../../../src/model/bundle-scorer.ts'
import { seeded } from '../../../src/random.ts'
import { trainConfigSchema } from '../../../src/train/config.ts'
import { runTraining } from '../../../src/train/train.ts'
import { type Job, median, summarise, type Timing } from '../timing.ts'

const RATE = 16_000
const FILES = 40
const FILE_SECONDS = 30
const HOP = 8_000
const BATCH = 64
/** Windows of 1 s that overlap by half. */
export const WINDOWS = FILES * (2 * FILE_SECONDS - 1)

/**
 * Wavs replayed as fast as possible through the whole daemon, and the same windows through its scorer alone, in turns in one process.
 * Both score with one scorer of `threads` threads on batches of 64. Timings are for all windows.
 */
export async function measure(
  job: Job & { rounds: number },
): Promise<{ daemon: Timing; scorer: Timing; ratio: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    const sound = noise(FILE_SECONDS * RATE)
    const bundle = await prepare(folder, sound)
    const daemon: number[] = []
    const scorer: number[] = []
    for (let i = 0; i <= job.rounds; i++) {
      const [bare, whole] = [await scoreAlone(bundle, sound, job.threads), await replay(folder, bundle, job.threads)]
      if (i === 0) continue // both have warmed up
      scorer.push(bare)
      daemon.push(whole)
    }
    const ratio = median(scorer.map((seconds, i) => seconds / daemon[i]))
    return { daemon: summarise(daemon), scorer: summarise(scorer), ratio }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function noise(samples: number): Float32Array {
  const random = seeded(1)
  return Float32Array.from({ length: samples }, (_, i) => 0.1 * Math.sin(0.05 * i) + 0.02 * random.normal())
}

/** The recordings, and a bundle of the default model, hardly trained: weights do not change how fast it is. */
async function prepare(folder: string, sound: Float32Array): Promise<string> {
  mkdirSync(join(folder, 'live'))
  const wav = encodeWav(sound, RATE)
  for (let i = 0; i < FILES; i++) writeFileSync(join(folder, 'live', `${String(i).padStart(2, '0')}.wav`), wav)
  const paths = [0, 1, 2, 3].map(i => join(folder, 'live', `0${i}.wav`))
  const raw = { output: join(folder, 'bundle'), input: { paths }, training: { epochs: 1 } }
  await runTraining(checkConfig(raw, trainConfigSchema, 'bench'), { checkpoint: false })
  return raw.output
}

async function scoreAlone(bundle: string, sound: Float32Array, threads: number): Promise<number> {
  const scorer = await loadScorer(bundle, { device: 'cpu', threads })
  const windows = new Float32Array(BATCH * RATE)
  for (let i = 0; i < BATCH; i++) windows.set(sound.subarray((i % 59) * HOP, (i % 59) * HOP + RATE), i * RATE)
  const start = performance.now()
  for (let done = 0; done < WINDOWS; done += BATCH) {
    const n = Math.min(BATCH, WINDOWS - done)
    await scorer.score(windows.subarray(0, n * RATE), n)
  }
  const seconds = (performance.now() - start) / 1000
  await scorer.close()
  return seconds
}

async function replay(folder: string, bundle: string, threads: number): Promise<number> {
  const raw = {
    bundle,
    sources: { feed: { type: 'files', path: join(folder, 'live'), speed: 0 } },
    batch: { max: BATCH },
    scorer: { device: 'cpu', threads },
    http: { port: 0 },
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'bench'), { logger: silentLogger })
  await daemon.start()
  const start = performance.now()
  await daemon.finished
  const seconds = (performance.now() - start) / 1000
  const { scored } = daemon.sources()[0].account
  await daemon.stop()
  if (scored !== WINDOWS) throw new Error(`the daemon scored ${scored} of ${WINDOWS} windows`)
  return seconds
}
