import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeBundle } from '../../../src/model/bundle.ts'
import { bundleBeside, bundleFolder, manifestBeside } from '../../../src/model/foreign/bundle-folder.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { tinyParts } from '../../helpers/tiny-bundle.ts'

const { write, folder } = temporaryFolder()
const sha256 = (...contents: string[]) => createHash('sha256').update(contents.join('')).digest('hex')

/** A calibrated model with weights beside it. */
async function calibrated(name: string): Promise<string> {
  const model = write(`${name}/pump.onnx`, 'graph')
  write(`${name}/pump.data`, 'weights')
  write(`${name}/pump.yaml`, 'loss: mse')
  const parts = tinyParts()
  const foreign = {
    model: 'pump.onnx',
    weights: ['pump.data'],
    model_sha256: sha256('graph', 'weights'),
    manifest: 'pump.yaml',
    manifest_sha256: sha256('loss: mse'),
  }
  await writeBundle(bundleBeside(model), { ...parts, manifest: { ...parts.manifest, foreign } })
  return model
}

const CHANGED = {
  code: 'AUSCULT_BUNDLE',
  message: 'the file has changed since the model was calibrated',
  remedy: expect.stringMatching(/`auscult calibrate .*pump\.onnx RECORDINGS`/),
}

describe('bundleFolder', () => {
  it('takes a bundle as it is named, by either option', async () => {
    expect(await bundleFolder({ bundle: 'models/a' })).toBe('models/a')
    expect(await bundleFolder({ bundle: 'models/a', model: 'models/b' })).toBe('models/b')
  })

  it('finds the bundle of a model beside it', async () => {
    const model = await calibrated('good')
    expect(await bundleFolder({ bundle: 'models/model', model })).toBe(join(dirname(model), 'pump-bundle'))
    rmSync(join(dirname(model), 'pump.yaml'))
    expect(await bundleFolder({ model })).toBe(join(dirname(model), 'pump-bundle'))
  })

  it.each([
    ['pump.onnx', 'pump.onnx'],
    ['pump.data', 'pump.onnx'],
    ['pump.yaml', 'pump.yaml'],
  ])('sees that %s has changed', async (name, at) => {
    const model = await calibrated(`changed-${name}`)
    write(`changed-${name}/${name}`, 'other')
    await expect(bundleFolder({ model })).rejects.toMatchObject({ ...CHANGED, at: join(dirname(model), at) })
  })

  it('says how a model is calibrated, and that one is not there', async () => {
    const model = write('new/fan.onnx', 'graph')
    await expect(bundleFolder({ model })).rejects.toMatchObject({
      code: 'AUSCULT_BUNDLE',
      at: model,
      remedy: `Calibrate it with recordings of normal operation: \`auscult calibrate ${model} RECORDINGS\`.`,
    })
    await expect(bundleFolder({ model: join(folder, 'none.onnx') })).rejects.toMatchObject({
      code: 'AUSCULT_INPUT_MISSING',
    })
  })

  it('does not take the bundle of another model for it', async () => {
    const model = write('ours/pump.onnx', 'graph')
    await writeBundle(bundleBeside(model), tinyParts())
    await expect(bundleFolder({ model })).rejects.toMatchObject({ message: expect.stringContaining('not calibrated') })
  })
})

describe('manifestBeside', () => {
  it('is .yaml, or .yml where there is only that', () => {
    expect(manifestBeside(join(folder, 'x/a.onnx'))).toBe(join(folder, 'x/a.yaml'))
    write('x/b.yml', '')
    expect(manifestBeside(join(folder, 'x/b.onnx'))).toBe(join(folder, 'x/b.yml'))
  })
})
