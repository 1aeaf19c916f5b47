import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '../../src/model/engine.ts'
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

export type BenchDevice = Session['device']

/** Rows of a large batch, where a device computes many at once. */
const LARGE = 4096

/**
 * Everything that is compared with Python, on each of the devices. Models are written to `folder`.
 * @param torch devices that Python's PyTorch has too
 */
export async function comparisons(
  settings: Settings,
  folder: string,
  devices: readonly BenchDevice[] = ['cpu'],
  torch: readonly BenchDevice[] = ['cpu'],
): Promise<Case[]> {
  mkdirSync(folder, { recursive: true })
  const models = new Map<string, string>()
  for (const name of Object.keys(ARCHITECTURES)) models.set(name, await writeModel(name, settings.threads, folder))
  const cases = devices.flatMap(device => {
    const peers = torch.includes(device)
    const names = [...models.keys()]
    return [
      ...names.map(name => trainingCase(name, settings, device, peers)),
      ...names.flatMap(name => scoringCases(name, settings, models.get(name)!, device, peers)),
    ]
  })
  return devices.includes('cpu') ? [...cases, ...[1024, 2048].map(nFft => logMelCase(nFft, settings))] : cases
}

const on = (device: BenchDevice): string => (device === 'cpu' ? '' : ` on ${device}`)

function trainingCase(architecture: string, settings: Settings, device: BenchDevice, torch: boolean): Case {
  const { batch } = ARCHITECTURES[architecture]
  const task = { work: 'train', job: { ...settings, architecture, batch, device } }
  return {
    ...{ name: `train ${architecture}, batch ${batch}${on(device)}`, unit: 'samples/s', perCall: batch, ours: task },
    peers: torch ? [{ label: 'PyTorch', task, aim: 1.5 }] : [],
  }
}

async function writeModel(architecture: string, threads: number, folder: string): Promise<string> {
  const program = await benchProgram(architecture, threads)
  const model = join(folder, `${architecture}.onnx`)
  writeFileSync(model, await program.exportModel())
  await program.release()
  return model
}

function scoringCases(
  architecture: string,
  settings: Settings,
  model: string,
  device: BenchDevice,
  torch: boolean,
): Case[] {
  const { featureShape, batch: largest } = ARCHITECTURES[architecture]
  return [1, device === 'cpu' ? largest : LARGE].map(batch => {
    const job = { ...settings, architecture, batch, model, shape: [batch, ...featureShape], device }
    const eager = { label: 'PyTorch, eager', task: { work: 'score', job }, aim: 2 }
    const python = { label: 'ONNX Runtime in Python', task: { work: 'score_onnxruntime', job }, aim: 0.95 }
    return {
      ...{ name: `score ${architecture}, batch ${batch}${on(device)}`, unit: 'samples/s', perCall: batch },
      ours: { work: 'score', job },
      peers: [...(torch ? [eager] : []), ...(device === 'cpu' ? [python] : [])],
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
