import type { Session } from '../engine.ts'
import { findTfjsPackage, installRemedy, repairRemedy, TFJS_PACKAGES, type TfjsPackageName } from './tfjs-packages.ts'
import { tryTfjsPackage } from './tfjs-trial.ts'

/** A backend of TensorFlow.js that the engine tfjs can compute on. */
export interface TfjsBackend {
  /** Its package. */
  readonly name: string
  /** Undefined where it is not installed. */
  readonly version?: string
  /** Of TensorFlow's library. */
  readonly tensorflow?: string
  /** Where it computes; undefined where it cannot. */
  readonly device?: Session['device']
  /** Why it cannot, or why it does not take a GPU that it could. */
  readonly reason?: string
  readonly remedy?: string
}

/** The backends in the order in which the engine tfjs takes them, each tried in a process of its own. The last one always works. */
export async function tfjsBackends(): Promise<TfjsBackend[]> {
  const { versions } = await import('../tf.ts')
  const javascript = '@tensorflow/tfjs-backend-cpu'
  const natives = await Promise.all(TFJS_PACKAGES.map(tryNative))
  return [...natives, { name: javascript, version: versions[javascript], device: 'cpu' }]
}

async function tryNative(name: TfjsPackageName): Promise<TfjsBackend> {
  const found = findTfjsPackage(name)
  if (!found) return { name, reason: 'it is not installed', remedy: installRemedy(name) }
  const { version } = found
  const { result, output } = await tryTfjsPackage(name)
  if (!result.works) return { name, version, reason: result.message, remedy: repairRemedy(name) }
  const { device, tensorflow } = result
  if (device === 'cuda' || !name.endsWith('-gpu')) return { name, version, tensorflow, device }
  const why = output.split('\n').findLast(line => /GPU|cuda/i.test(line))
  return { name, version, tensorflow, device, reason: `it finds no GPU${why ? `: ${withoutPrefix(why)}` : ''}` }
}

/** A line of TensorFlow's log without time, level and place in its source. */
const withoutPrefix = (line: string): string => line.replace(/^.*?\.cc:\d+\]\s*/, '').trim()
