import './privacy.ts'

import ort from 'onnxruntime-node'

import { AuscultError, messageOf } from '../../errors.ts'
import type { CreateSession, DeviceTensor, Feeds, PassedOver, Session, Tensor, Tensors } from '../engine.ts'
import { usableProviders } from './providers.ts'

type Provider = Session['device']

const REMEDY: Record<Provider, string> = {
  cpu: 'Reinstall the package onnxruntime-node.',
  webgpu: 'WebGPU needs a graphics driver with Vulkan, Metal or Direct3D 12. Use device: cpu, or auto.',
  cuda: 'Run `npm rebuild onnxruntime-node --ignore-scripts=false` to fetch the CUDA provider (Linux x64, CUDA 12), or use device: auto.',
}

export const onnxruntimeVersion: string = ort.env.versions?.node ?? ort.env.versions?.common ?? 'unknown'

/**
 * Compiles an ONNX model with ONNX Runtime. `auto` silently takes the next provider when one cannot be used; a provider
 * asked for by name is used or refused.
 */
export const createOnnxSession: CreateSession = async (model, { device, threads }, keep = []) => {
  const providers: Provider[] = device === 'auto' ? usableProviders() : [device]
  const passedOver: PassedOver[] = []
  let failure: unknown
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(provider, threads, keep))
      const Kind = keepsOutputs(provider, keep) ? KeepingSession : OnnxSession
      return new Kind(session, provider, passedOver)
    } catch (error) {
      failure = error
      passedOver.push({ device: provider, reason: messageOf(error), remedy: REMEDY[provider] })
    }
  }
  const provider = providers.at(-1)!
  throw new AuscultError('AUSCULT_DEVICE', `the device ${provider} cannot be used: ${messageOf(failure)}`, {
    at: `device: ${device}`,
    remedy: REMEDY[provider],
    cause: failure,
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
