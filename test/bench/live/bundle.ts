import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkConfig } from '../../../src/config.ts'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import { seeded } from '../../../src/random.ts'
import { trainConfigSchema } from '../../../src/train/config.ts'
import { runTraining } from '../../../src/train/train.ts'

/** Samples per second of the model's default front end. */
export const RATE = 16_000

/** A machine that hums in noise: what the bundle learns, and what healthy feeds carry. */
export function hum(samples: number, seed = 1): Float32Array {
  const random = seeded(seed)
  return Float32Array.from({ length: samples }, (_, i) => 0.1 * Math.sin(0.05 * i) + 0.02 * random.normal())
}

/** A bundle of the default model (log-mel, five frames stacked, dense-ae) on windows of 1 s, trained on a few recordings of the hum. */
export async function trainOnHum(folder: string, epochs = 1): Promise<string> {
  const recordings = join(folder, 'recordings')
  mkdirSync(recordings)
  for (let i = 0; i < 8; i++) writeFileSync(join(recordings, `${i}.wav`), encodeWav(hum(30 * RATE, i), RATE))
  const raw = { output: join(folder, 'bundle'), input: { paths: [recordings] }, training: { epochs } }
  await runTraining(checkConfig(raw, trainConfigSchema, 'bench'), { checkpoint: false })
  return raw.output
}
