import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { trainConfigSchema } from '../src/train/config.ts'
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

const SCRIPT = 'docs/examples/score.py'

describe.skipIf(!interpreter)(SCRIPT, { timeout: 240_000 }, () => {
  const { folder, write } = temporaryFolder()
  for (let i = 0; i < 4; i++) write(`sounds/${i}.wav`, encodeWav(hum(12_000, i), 8000, 'float32'))
  const sounds = join(folder, 'sounds')
  /** What the script prints of the first bundle and of a recording, and what its class makes of the golden windows of all. */
  let printed: string[]
  beforeAll(async () => {
    const outputs: string[] = []
    for (const each of cases) outputs.push(await train(each))
    // One process: librosa takes seconds to load.
    const code = `
import json, runpy, sys
script, recording, *folders = sys.argv[1:]
for args in [folders[:1], [folders[0], recording]]:
    sys.argv = [script, *args]
    runpy.run_path(script, run_name="__main__")
    print("---")
sys.path.insert(0, ${JSON.stringify(join(PROJECT, dirname(SCRIPT)))})
from score import Bundle
for folder in folders:
    bundle = Bundle(folder)
    windows, scores = bundle.golden()
    print(json.dumps([[bundle.score(window), float(score)] for window, score in zip(windows, scores)]))`
    const args = ['-c', code, join(PROJECT, SCRIPT), join(sounds, '0.wav'), ...outputs]
    const run = spawnSync(interpreter!, args, { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    printed = run.stdout.split('---\n')
  }, 240_000)

  it('prints scores', () => {
    const [golden, scores] = printed.map(text =>
      text
        .trim()
        .split('\n')
        .map(line => line.trim().split(/\s+/)),
    )
    expect(golden.length).toBeGreaterThan(0)
    for (const [own, expected] of golden) expect(Number(own) / Number(expected)).toBeCloseTo(1, 4)
    expect(scores.map(([at]) => at)).toEqual(['0.00', '0.50', '1.00'])
  })

  it('scores as Auscult does, whatever the front end', () => {
    const answers = printed[2].trim().split('\n')
    expect(answers).toHaveLength(cases.length)
    for (const answer of answers) {
      const pairs: [number, number][] = JSON.parse(answer)
      expect(pairs.length).toBeGreaterThan(0)
      for (const [own, expected] of pairs) expect(own / expected).toBeCloseTo(1, 4)
    }
  })

  async function train({ name, ...options }: (typeof cases)[number]): Promise<string> {
    const output = join(folder, name.replaceAll(/\W+/g, '-'))
    const raw = {
      output,
      input: { paths: [sounds] },
      architecture: options.front_end.type === 'mel' ? CONV : { type: 'dense-ae', hidden: [16], latent: 4 },
      training: { epochs: 1, batch_size: 16 },
      map: { method: 'none' },
      ...options,
    }
    await runTraining(checkConfig(raw, trainConfigSchema, name), { checkpoint: false })
    return output
  }
})
