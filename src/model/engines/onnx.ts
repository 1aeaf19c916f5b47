import './privacy.ts'
import './tf32.ts'

import ort from 'onnxruntime-node'

import { AuscultError, messageOf } from '../../errors.ts'
import type {
  CreateSession,
  DeviceTensor,
  EngineOptions,
  Feeds,
  PassedOver,
  Session,
  Tensor,
  Tensors,
} from '../engine.ts'
import type { Obstacle } from './cuda.ts'
import { ACCELERATORS, certainObstacle, explain, whyNot } from './devices.ts'

type Provider = Session['device']

export const onnxruntimeVersion: string = ort.env.versions?.node ?? ort.env.versions?.common ?? 'unknown'

/**
 * Compiles an ONNX model with ONNX Runtime. `auto` takes the best device that works, and the session says what was wrong with the others; a
 * device asked for by name is used or refused.
 */
export const createOnnxSession: CreateSession = (model, options, keep = []) =>
  options.device === 'auto' ? createOnBest(model, options, keep) : createOn(options.device, model, options, keep, [])

async function createOnBest(model: Uint8Array, options: EngineOptions, keep: readonly string[]): Promise<Session> {
  const passedOver: PassedOver[] = []
  for (const device of ACCELERATORS) {
    const known = options.passOver?.find(other => other.device === device) ?? (await whyNot(device))
    if (known) passedOver.push(known)
    else {
      try {
        return await createOn(device, model, options, keep, passedOver)
      } catch (error) {
        passedOver.push({ device, ...explain(device, messageOf(causeOf(error))) })
      }
    }
  }
  return createOn('cpu', model, options, keep, passedOver)
}

/** @throws AUSCULT_DEVICE */
async function createOn(
  device: Provider,
  model: Uint8Array,
  { threads }: EngineOptions,
  keep: readonly string[],
  passedOver: readonly PassedOver[],
): Promise<Session> {
  const obstacle = certainObstacle(device)
  if (obstacle) throw refused(device, obstacle)
  try {
    const session = await ort.InferenceSession.create(model, sessionOptions(device, threads, keep))
    const Kind = keepsOutputs(device, keep) ? KeepingSession : OnnxSession
    return new Kind(session, device, passedOver)
  } catch (cause) {
    throw refused(device, explain(device, messageOf(cause)), cause)
  }
}

function refused(device: Provider, { reason, remedy }: Obstacle, cause?: unknown): AuscultError {
  const or = device === 'cpu' ? '' : ' Or use device: auto.'
  return new AuscultError('AUSCULT_DEVICE', `the device ${device} cannot be used: ${reason}`, {
    at: `device: ${device}`,
    remedy: `${remedy ?? ''}${or}`.trim(),
    cause,
  })
}

const causeOf = (error: unknown): unknown => (error instanceof AuscultError && error.cause ? error.cause : error)

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
