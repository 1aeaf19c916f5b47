import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { evaluateBundle } from '../src/train/evaluate.ts'
import { runTraining } from '../src/train/train.ts'
import { PROJECT, python } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { hum } from './train/recordings.ts'

const interpreter = python('librosa', 'onnxruntime')

const SOUND = { sample_rate: 8000, window_samples: 4000 }
const CONV = { type: 'conv2d-ae' }
const cases = [
  {
    name: 'log-mel, stacked',
    front_end: { type: 'log-mel', ...SOUND, n_fft: 512, hop_length: 256, n_mels: 40, stack: 5 },
  },
  {
    name: 'log-mel with a residual score',
    front_end: {
      type: 'log-mel',
      ...SOUND,
      n_fft: 512,
      n_mels: 32,
      stack: 3,
      cmn: true,
      ref: 'max',
      pad_mode: 'reflect',
    },
    score: 'residual',
  },
  { name: 'mel, whole', front_end: { type: 'mel', ...SOUND, n_fft: 512, n_mels: 32, htk: true, norm: null, fmin: 50 } },
  {
    name: 'stft',
    front_end: { type: 'stft', ...SOUND, n_fft: 64, hop_length: 100, win_length: 50, center: false, stack: 2 },
  },
  { name: 'raw', front_end: { type: 'raw', ...SOUND } },
]

describe.skipIf(!interpreter)('docs/examples/score.py', () => {
  const { folder, write } = temporaryFolder()
  for (let i = 0; i < 4; i++) write(`sounds/${i}.wav`, encodeWav(hum(12_000, i), 8000, 'float32'))
  const score = (...args: string[]) => {
    const run = spawnSync(interpreter!, [join(PROJECT, 'docs/examples/score.py'), ...args], { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    return run.stdout
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/))
  }

  it.each(cases)(
    'scores as Auscult does: $name',
    async ({ name, ...options }) => {
      const output = join(folder, name.replaceAll(/\W+/g, '-'))
      const raw = {
        output,
        input: { paths: [join(folder, 'sounds')] },
        architecture: options.front_end.type === 'mel' ? CONV : { type: 'dense-ae', hidden: [16], latent: 4 },
        training: { epochs: 1, batch_size: 16 },
        map: { method: 'none' },
        ...options,
      }
      await runTraining(checkConfig(raw, trainConfigSchema, name), { checkpoint: false })
      const golden = score(output)
      expect(golden.length).toBeGreaterThan(0)
      for (const [own, expected] of golden) expect(Number(own) / Number(expected)).toBeCloseTo(1, 4)
      const [first] = score(output, join(folder, 'sounds/0.wav'))
      const { scores } = await evaluateBundle({ bundle: output, paths: [join(folder, 'sounds/0.wav')], per: 'window' })
      expect(Number(first[2]) / scores[0].score).toBeCloseTo(1, 4)
    },
    60_000,
  )
})
