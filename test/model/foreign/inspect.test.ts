import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { describeModel } from '../../../src/model/foreign/describe.ts'
import { draftManifest } from '../../../src/model/foreign/draft.ts'
import { inspectModel } from '../../../src/model/foreign/inspect.ts'
import { checkForeignManifest } from '../../../src/model/foreign/manifest.ts'
import { readForeignModel } from '../../../src/model/foreign/read.ts'
import { showModel } from '../../../src/model/foreign/show.ts'
import { encodeModel, type ModelProto } from '../../../src/model/onnx/model.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { writeTinyBundle } from '../../helpers/tiny-bundle.ts'
import { pairs, smallModel } from './small-models.ts'

const { write, folder } = temporaryFolder()
const inspected = async (model: ModelProto) => inspectModel(await readForeignModel(write('a.onnx', encodeModel(model))))

describe('inspectModel', () => {
  it('says what goes in and out, of what it is made, and where it is narrow', async () => {
    const facts = await inspected(pairs())
    expect(facts).toMatchObject({
      producer: 'test',
      opset: 17,
      inputs: [{ name: 'x', type: 'float32', shape: [null, 4] }],
      outputs: [{ name: 'y', type: 'float32', shape: [null, 4] }],
      operators: { MatMul: 2 },
      weights: { count: { float32: 16 }, range: { least: 0, greatest: 1 }, beyond_float16: 0, lost_in_float16: 0 },
      reconstruction: 'y',
      latents: [{ name: 'z', operator: 'MatMul', shape: [2, 2], size: 2 }],
    })
    expect(describeModel(facts)).toMatch(/latent\? +z \(2 values, MatMul\)/)
  })

  it('does not take for a latent what the output can do without', async () => {
    const model = pairs()
    model.graph.node[1].output = ['decoded']
    model.graph.node.push({ opType: 'Add', input: ['decoded', 'x'], output: ['y'] })
    expect((await inspected(model)).latents).toEqual([])
  })

  it('prefers what the decoder is given', async () => {
    const model = pairs()
    model.graph.node[1].input = ['active', 'v']
    model.graph.node.splice(1, 0, { opType: 'Relu', input: ['z'], output: ['active'] })
    expect((await inspected(model)).latents.map(({ name }) => name)).toEqual(['active', 'z'])
  })

  it('says what float16 cannot hold', async () => {
    const model = smallModel(
      [{ opType: 'Mul', input: ['x', 'a'], output: ['y'] }],
      {},
      {
        a: { dims: [4], values: [70_000, 1e-9, -0.5, 0] },
      },
    )
    const facts = await inspected(model)
    expect(facts.weights).toMatchObject({ beyond_float16: 1, lost_in_float16: 1 })
    expect(describeModel(facts)).toContain('float16 cannot hold 1 and makes 1 zero')
  })

  it('describes a model that it cannot run', async () => {
    const facts = await inspected(smallModel([{ opType: 'NoSuch', input: ['x'], output: ['y'] }]))
    expect(facts).toMatchObject({ operators: { NoSuch: 1 }, latents: [], reconstruction: null })
  })
})

describe('draftManifest', () => {
  it.each([
    [pairs(), [4]],
    [smallModel([{ opType: 'Relu', input: ['x'], output: ['y'] }], { input: ['n', 1, 16, 20] }), [16, 20]],
  ])('is a manifest that passes', async (model, shape) => {
    const facts = await inspected(model)
    const manifest = checkForeignManifest(parse(draftManifest(facts)), 'draft')
    expect(manifest).toMatchObject({
      front_end: { type: 'frame', shape },
      input: { name: 'x' },
      outputs: { reconstruction: 'y', latent: facts.latents[0]?.name ?? null },
    })
  })
})

describe('showModel', () => {
  it('describes a bundle and its model', async () => {
    const bundle = await writeTinyBundle(folder)
    const text = await showModel(bundle, {})
    expect(text).toMatch(/^bundle +.*tiny/)
    expect(text).toMatch(/architecture +dense-ae, latent of 2/)
    expect(text).toMatch(/output +latent: float32 \[any, 2\]/)
    expect(JSON.parse(await showModel(bundle, { json: true }))).toMatchObject({
      manifest: { name: 'tiny' },
      model: { inputs: [{ name: 'features' }] },
    })
    await expect(showModel(bundle, { manifest: true })).rejects.toMatchObject({ code: 'AUSCULT_USAGE' })
  })
})
