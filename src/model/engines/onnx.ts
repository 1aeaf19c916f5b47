import './privacy.ts'

import ort from 'onnxruntime-node'

import { AuscultError, messageOf } from '../../errors.ts'
import type { CreateSession, PassedOver, Session, Tensor, Tensors } from '../engine.ts'
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
export const createOnnxSession: CreateSession = async (model, { device, threads }) => {
  const providers: Provider[] = device === 'auto' ? usableProviders() : [device]
  const passedOver: PassedOver[] = []
  let failure: unknown
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(model, sessionOptions(provider, threads))
      return new OnnxSession(session, provider, passedOver)
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

function sessionOptions(provider: Provider, threads: number): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // Warnings are about providers that place a node on the CPU; errors reach us as exceptions.
    logSeverityLevel: 4,
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

  async run(feeds: Tensors, into?: Tensors | readonly string[]): Promise<Tensors> {
    try {
      const inputs = mapTensors(feeds)
      const fetches = into === undefined ? this.#session.outputNames : isNames(into) ? into : mapTensors(into)
      const results = await this.#session.run(inputs, fetches)
      return Object.fromEntries(
        Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Float32Array, shape: dims }]),
      )
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

const isNames = (into: Tensors | readonly string[]): into is readonly string[] => Array.isArray(into)

/** ONNX Runtime's tensors over the same memory. */
const mapTensors = (tensors: Tensors): Record<string, ort.Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]))

const toOrt = ({ data, shape }: Tensor): ort.Tensor => new ort.Tensor('float32', data, shape)
