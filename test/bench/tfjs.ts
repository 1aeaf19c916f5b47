import { join } from 'node:path'
import { findTfjsPackage } from '../../src/model/engines/tfjs-packages.ts'
import { tryTfjsPackage } from '../../src/model/engines/tfjs-trial.ts'
import { tfjsNode } from '../helpers/requires.ts'
import { ARCHITECTURES } from './architectures.ts'
import type { BenchDevice, Case, Settings } from './cases.ts'

/**
 * Training and scoring on the engine tfjs: tfjs-node on the CPU, tfjs-node-gpu where it finds a GPU. The packages are those beside Auscult, or
 * those that test/tfjs-node/build.sh made; without either there is nothing worth a measurement.
 * @param folder where `comparisons` wrote its models
 */
export async function tfjsCases(settings: Settings, folder: string, devices: readonly BenchDevice[]): Promise<Case[]> {
  if (!findTfjsPackage('@tensorflow/tfjs-node')) {
    const built = tfjsNode()
    if (!built) return []
    process.env.NODE_PATH = join(built, 'node_modules')
  }
  const cases = devices.includes('cpu') ? casesOn('tfjs-node', 'cpu', settings, folder) : []
  if (!devices.includes('cuda')) return cases
  const { result } = await tryTfjsPackage('@tensorflow/tfjs-node-gpu')
  const hasGpu = result.works && result.device === 'cuda'
  return hasGpu ? [...cases, ...casesOn('tfjs-node-gpu', 'cuda', settings, folder)] : cases
}

function casesOn(name: string, device: BenchDevice, settings: Settings, folder: string): Case[] {
  return Object.entries(ARCHITECTURES).flatMap(([architecture, { batch }]) => {
    const job = { ...settings, architecture, batch, device, engine: 'tfjs' }
    const common = { unit: 'samples/s', peers: [] }
    const model = join(folder, `${architecture}.onnx`)
    const score = (n: number): Case => ({
      ...{ ...common, name: `score ${architecture}, batch ${n} on ${name}`, perCall: n },
      ours: { work: 'score-tfjs', job: { ...job, batch: n, model } },
    })
    const train = { name: `train ${architecture}, batch ${batch} on ${name}`, perCall: batch }
    return [{ ...common, ...train, ours: { work: 'train', job } }, score(1), score(batch)]
  })
}
