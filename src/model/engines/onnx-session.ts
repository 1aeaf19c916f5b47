import './privacy.ts'
import './tf32.ts'

import ort from 'onnxruntime-node'

import { AuscultError, messageOf } from '../../errors.ts'
import type { DeviceTensor, EngineOptions, Feeds, PassedOver, Session, Tensor, Tensors } from '../engine.ts'
import type { Obstacle } from './cuda.ts'
import { certainObstacle, explain } from './obstacles.ts'

type Provider = Session['device']

export const onnxruntimeVersion: string = ort.env.versions?.node ?? ort.env.versions?.common ?? 'unknown'

/** Compiles an ONNX model with ONNX Runtime for one device. @throws AUSCULT_DEVICE */
export async function createSessionOn(
  device: Provider,
  model: Uint8Array,
  { threads }: EngineOptions,
  keep: readonly string[],
  passedOver: readonly PassedOver[],
): Promise<Session> {
  const obstacle = certainObstacle(device)
  if (obstacle) throw refused(device, obstacle)
  try {
    const computed = device === 'webgpu' ? await forWebgpu(model) : model
    const session = await ort.InferenceSession.create(computed, sessionOptions(device, threads, keep))
    const Kind = keepsOutputs(device, keep) ? KeepingSession : OnnxSession
    return new Kind(session, device, passedOver)
  } catch (cause) {
    throw refused(device, explain(device, messageOf(cause)), cause)
  }
}

/** Loaded when it is needed: a daemon on the CPU does without a decoder of models. */
async function forWebgpu(model: Uint8Array): Promise<Uint8Array> {
  const { lowerSpaceToDepth } = await import('../onnx/lower-space-to-depth.ts')
  return lowerSpaceToDepth(model)
}

function refused(device: Provider, { reason, remedy }: Obstacle, cause?: unknown): AuscultError {
  const or = device === 'cpu' ? '' : ' Or use device: auto.'
  return new AuscultError('AUSCULT_DEVICE', `the device ${device} cannot be used: ${reason}`, {
    at: `device: ${device}`,
    remedy: `${remedy ?? ''}${or}`.trim(),
    cause,
  })
}

/** ONNX Runtime for Node binds outputs to buffers of WebGPU only. */
const keepsOutputs = (provider: Provider, keep: readonly string[]): boolean => provider === 'webgpu' && keep.length > 0

function sessionOptions(
  provider: Provider,
  threads: number,
  keep: readonly string[],
): ort.InferenceSession.SessionOptions {
  const kept = Object.fromEntries(keep.map(name => [name, 'gpu-buffer' as const]))
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // Warnings are about providers that place a node on the CPU; errors reach us as exceptions.
    logSeverityLevel: 4,
    ...(keepsOutputs(provider, keep) && { preferredOutputLocation: kept }),
  }
}

class OnnxSession implements Session {
  readonly device: Provider
  readonly passedOver: readonly PassedOver[]
  readonly #session: ort.InferenceSession

  constructor(session: ort.InferenceSession, device: Provider, passedOver: readonly PassedOver[]) {
    this.#session = session
    this.device = device
    this.passedOver = passedOver
  }

  async run(feeds: Feeds, into?: Tensors | readonly string[]): Promise<Tensors> {
    const results = await this.compute(feeds, into)
    return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, fromOrt(result)]))
  }

  protected async compute(feeds: Feeds, into?: Tensors | readonly string[]): Promise<Record<string, ort.Tensor>> {
    try {
      const inputs = mapTensors(feeds)
      const fetches = into === undefined ? this.#session.outputNames : isNames(into) ? into : mapTensors(into)
      return (await this.#session.run(inputs, fetches)) as Record<string, ort.Tensor>
    } catch (cause) {
      throw new AuscultError('AUSCULT_ENGINE', `ONNX Runtime failed: ${messageOf(cause)}`, {
        at: `device ${this.device}`,
        cause,
      })
    }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

class KeepingSession extends OnnxSession {
  async runKeeping(feeds: Feeds): Promise<Feeds> {
    const results = Object.entries(await this.compute(feeds))
    return Object.fromEntries(
      results.map(([name, result]) => [name, result.location === 'cpu' ? fromOrt(result) : new Kept(result)]),
    )
  }
}

class Kept implements DeviceTensor {
  readonly handle: ort.Tensor

  constructor(tensor: ort.Tensor) {
    this.handle = tensor
  }

  get shape(): readonly number[] {
    return this.handle.dims
  }

  release(): void {
    this.handle.dispose()
  }
}

const isNames = (into: Tensors | readonly string[]): into is readonly string[] => Array.isArray(into)

/** ONNX Runtime's tensors over the same memory. */
const mapTensors = (tensors: Feeds): Record<string, ort.Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]))

const toOrt = (tensor: Tensor | DeviceTensor): ort.Tensor =>
  'handle' in tensor ? (tensor.handle as ort.Tensor) : new ort.Tensor('float32', tensor.data, tensor.shape)

const fromOrt = ({ data, dims }: ort.Tensor): Tensor => ({ data: data as Float32Array, shape: dims })
