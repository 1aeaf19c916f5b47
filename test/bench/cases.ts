import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARCHITECTURES, benchProgram } from './architectures.ts'
import { CLIP } from './work/log-mel.ts'

/** One measurement in a process of its own: a file of work/ or of peers/, and what it is asked for. */
export interface Task {
  work: string
  job: Record<string, unknown>
}

export interface Case {
  name: string
  /** What is counted per second, and how many of it one call does. */
  unit: string
  perCall: number
  ours: Task
  peers: { label: string; task: Task; aim: number }[]
}

export interface Settings {
  threads: number
  seconds: number
}

/** Everything that is compared with Python. Models are written to `folder`. */
export async function comparisons(settings: Settings, folder: string): Promise<Case[]> {
  mkdirSync(folder, { recursive: true })
  const cases = []
  for (const name of Object.keys(ARCHITECTURES)) cases.push(trainingCase(name, settings))
  for (const name of Object.keys(ARCHITECTURES)) cases.push(...(await scoringCases(name, settings, folder)))
  return [...cases, ...[1024, 2048].map(nFft => logMelCase(nFft, settings))]
}

function trainingCase(architecture: string, settings: Settings): Case {
  const { batch } = ARCHITECTURES[architecture]
  const task = { work: 'train', job: { ...settings, architecture, batch } }
  return {
    ...{ name: `train ${architecture}, batch ${batch}`, unit: 'samples/s', perCall: batch, ours: task },
    peers: [{ label: 'PyTorch', task, aim: 1.5 }],
  }
}

async function scoringCases(architecture: string, settings: Settings, folder: string): Promise<Case[]> {
  const { featureShape, batch: largest } = ARCHITECTURES[architecture]
  const program = await benchProgram(architecture, settings.threads)
  const model = join(folder, `${architecture}.onnx`)
  writeFileSync(model, await program.exportModel())
  await program.release()
  return [1, largest].map(batch => {
    const job = { ...settings, architecture, batch, model, shape: [batch, ...featureShape] }
    return {
      ...{ name: `score ${architecture}, batch ${batch}`, unit: 'samples/s', perCall: batch },
      ours: { work: 'score', job },
      peers: [
        { label: 'PyTorch, eager', task: { work: 'score', job }, aim: 2 },
        { label: 'ONNX Runtime in Python', task: { work: 'score_onnxruntime', job }, aim: 0.95 },
      ],
    }
  })
}

function logMelCase(nFft: number, { seconds }: Settings): Case {
  const job = { threads: 1, seconds, nFft }
  return {
    ...{ name: `log-mel, n_fft ${nFft}`, unit: 'audio samples/s', perCall: CLIP },
    ours: { work: 'log-mel', job },
    peers: [{ label: 'librosa', task: { work: 'log_mel', job }, aim: 3 }],
  }
}
