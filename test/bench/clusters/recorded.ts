import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { checkConfig } from '../../../src/config.ts'
import { inputFormatSchema } from '../../../src/ingest/format.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { loadScorer } from '../../../src/model/bundle-scorer.ts'
import { trainConfigSchema } from '../../../src/train/config.ts'
import { scanRecordings } from '../../../src/train/scan.ts'
import { scoreWindows, wholeRecording } from '../../../src/train/score-windows.ts'
import { runTraining } from '../../../src/train/train.ts'
import type { LabelledLatents } from './streams.ts'

const every = (folder: string, step = 1) =>
  readdirSync(folder)
    .sort()
    .filter((_, i) => i % step === 0)
    .map(name => join(folder, name))

/** Trains a small model on recordings of all kinds, and gives the latents of their windows with the kind of each. */
async function latentsOf(
  name: string,
  files: string[],
  labelOf: (file: string) => string,
  raw: object,
  folder: string,
): Promise<LabelledLatents> {
  const config = checkConfig({ ...raw, output: join(folder, name) }, trainConfigSchema, 'bench')
  const { bundleFolder } = await runTraining(config, { checkpoint: false })
  const { manifest } = await readBundle(bundleFolder)
  const scorer = await loadScorer(bundleFolder, { device: 'cpu', threads: 1 })
  const format = {
    format: inputFormatSchema.parse(manifest.input ?? {}),
    windowShape: manifest.window.shape,
    sampleRate: manifest.window.sample_rate,
  }
  const fragments = { position: 'fixed', per_file: null, hop_seconds: null } as const
  const options = {
    ...format,
    otherLength: 'drop',
    expectedSeconds: null,
    fragments,
    dropConstant: false,
    seed: 0,
  } as const
  const scan = await scanRecordings(files, options)
  const recordings = new Map(scan.recordings.map(recording => [recording.path, recording]))
  const latents: number[] = []
  const labels: string[] = []
  for await (const { path, latent } of scoreWindows(scorer, recordings, scan.recordings.map(wholeRecording), format)) {
    latents.push(...latent)
    labels.push(labelOf(path))
  }
  await scorer.close()
  return { name, dimensions: manifest.latent_size, latents: Float32Array.from(latents), labels }
}

/** Spoken digits and a machine, in windows of 0.25 s. */
export function sounds(data: string, folder: string): Promise<LabelledLatents> {
  const files = [...every(join(data, 'audio/speech'), 2), ...every(join(data, 'audio/machine'), 2)]
  const raw = {
    input: { paths: files },
    front_end: {
      type: 'log-mel',
      sample_rate: 8000,
      window_seconds: 0.25,
      n_fft: 512,
      hop_length: 256,
      stack: 5,
      n_mels: 64,
    },
    architecture: { type: 'dense-ae', hidden: [64, 64], latent: 8 },
    training: { epochs: 15 },
  }
  return latentsOf('speech and machine', files, file => basename(dirname(file)), raw, folder)
}

/** Frames of a detector behind 0, 0.36 and 1.01 mm of aluminium. */
export function frames(data: string, folder: string): Promise<LabelledLatents> {
  const files = ['0-00_mm', '0-36_mm', '1-01_mm'].flatMap(name => every(join(data, 'frames/timepix', name), 2))
  const raw = {
    input: { paths: files, format: { format: 'sparse', shape: [256, 256] } },
    front_end: { type: 'frame', shape: [256, 256], bin: 32, log1p: true, normalization: 'standard' },
    architecture: { type: 'dense-ae', hidden: [32], latent: 4 },
    training: { loss: 'mae', batch_size: 32, epochs: 30 },
  }
  return latentsOf('Timepix frames', files, file => basename(dirname(file)), raw, folder)
}
