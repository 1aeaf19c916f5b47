import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { tfjsNode } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { LOADING_MS, type Place, runThere } from './children.ts'

vi.setConfig({ testTimeout: LOADING_MS })

const { folder, write } = temporaryFolder()
const built = tfjsNode()

async function load(modules: string | undefined, device = 'auto', ...asked: 'backends'[]) {
  const place: Place = { name: '', device, expected: /./, node: process.execPath, ...(modules && { modules }) }
  return JSON.parse(await runThere(place, 'load-child.ts', ...asked))
}

/** A package of that name which is not what it should be. */
function fake(name: string, version: string, code: string): string {
  const at = join(name, 'node_modules/@tensorflow/tfjs-node')
  write(join(at, 'package.json'), JSON.stringify({ name: '@tensorflow/tfjs-node', version, main: 'index.js' }))
  write(join(at, 'index.js'), code)
  return join(folder, name)
}

const javascript = { name: '@tensorflow/tfjs-backend-cpu', version: expect.stringMatching(/^4\./), device: 'cpu' }

describe('without tfjs-node', () => {
  it('JavaScript computes, and it is said what would be faster', async () => {
    const { backends, loaded } = await load(undefined, 'auto', 'backends')
    expect(loaded).toEqual({
      backend: 'cpu',
      device: 'cpu',
      name: expect.stringMatching(/^tfjs-backend-cpu 4/),
      passedOver: [
        {
          device: 'cuda',
          reason: '@tensorflow/tfjs-node-gpu is not installed',
          remedy: expect.stringContaining('npm install @tensorflow/tfjs-node-gpu@4'),
        },
        {
          device: 'cpu',
          reason: '@tensorflow/tfjs-node is not installed; JavaScript computes slowly',
          remedy: expect.stringContaining('npm install @tensorflow/tfjs-node@4'),
        },
      ],
    })
    expect(backends).toEqual([
      {
        name: '@tensorflow/tfjs-node-gpu',
        reason: 'it is not installed',
        remedy: expect.stringContaining('npm install'),
      },
      { name: '@tensorflow/tfjs-node', reason: 'it is not installed', remedy: expect.stringContaining('npm install') },
      javascript,
    ])
  })

  it.each([
    [
      'broken',
      '4.22.0',
      'throw new Error("libtensorflow.so.2: no such file.\\nMore.")',
      /cannot be loaded: libtensorflow.so.2: no such file$/,
    ],
    ['old', '3.21.0', '', /cannot be loaded: it is version 3.21.0, and 4.x is needed$/],
  ])('a package that is %s is passed over with its reason', async (name, version, code, reason) => {
    const { backends, loaded } = await load(fake(name, version, code), 'auto', 'backends')
    expect(loaded.name).toMatch(/^tfjs-backend-cpu/)
    expect(loaded.passedOver[1].reason.replace('; JavaScript computes slowly', '')).toMatch(reason)
    expect(loaded.passedOver[1].remedy).toContain('npm rebuild @tensorflow/tfjs-node')
    expect(backends[1]).toMatchObject({ version, reason: expect.stringMatching(reason), remedy: expect.any(String) })
  })
})

describe.skipIf(!built)('with both packages', () => {
  it('tfjs-node-gpu comes first, and says why it computes on the CPU where there is no GPU', async () => {
    const { backends, loaded } = await load(built, 'auto', 'backends')
    expect(loaded).toMatchObject({
      backend: 'tensorflow',
      name: expect.stringMatching(/^@tensorflow\/tfjs-node-gpu 4/),
    })
    const [gpu, cpu, last] = backends
    expect(gpu).toMatchObject({
      name: '@tensorflow/tfjs-node-gpu',
      tensorflow: expect.stringMatching(/^2\./),
      device: loaded.device,
    })
    expect(cpu).toMatchObject({ name: '@tensorflow/tfjs-node', tensorflow: gpu.tensorflow })
    expect(last).toEqual(javascript)
    if (loaded.device === 'cuda') return expect(loaded.passedOver).toEqual([])
    expect(gpu.reason).toMatch(/^it finds no GPU: .*(cuda|GPU)/i)
    expect(loaded.passedOver).toEqual([
      { device: 'cuda', reason: '@tensorflow/tfjs-node-gpu finds no GPU', remedy: expect.stringContaining('CUDA') },
    ])
  })

  it('device cpu takes tfjs-node', async () => {
    const { loaded } = await load(built, 'cpu')
    expect(loaded).toMatchObject({
      device: 'cpu',
      name: expect.stringMatching(/^@tensorflow\/tfjs-node 4/),
      passedOver: [],
    })
  })
})
