import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FrontEndConfig } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { PROJECT } from '../../helpers/requires.ts'

/** What PyTorch says of the items of one model. */
export interface TorchAnswer {
  scores: number[]
  latents: number[][]
}

/** Windows and what makes features of them. */
export interface TorchInput {
  frontEnd: FrontEndConfig
  windows: readonly Float32Array[]
}

/** Has PyTorch export its models into a folder, as `<name>.onnx`, and score the features of windows. */
export function exportModels(python: string, folder: string, inputs: Record<string, TorchInput>) {
  const features = Object.entries(inputs).map(([name, { frontEnd, windows }]) => {
    const { items, featureShape, transform } = createFrontEnd(frontEnd)
    const size = items * sizeOf(featureShape)
    const all = new Float32Array(windows.length * size)
    windows.forEach((window, i) => {
      transform(window, all, i * size)
    })
    const path = join(folder, `${name}.f32`)
    writeFileSync(path, all)
    return [name, { path, shape: [windows.length * items, ...featureShape] }]
  })
  const input = JSON.stringify({ folder, features: Object.fromEntries(features) })
  const run = spawnSync(python, [join(PROJECT, 'test/train/foreign/torch_models.py')], { input, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(run.stderr)
  return JSON.parse(run.stdout) as Record<string, TorchAnswer>
}
