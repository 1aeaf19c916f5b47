import { expect, it } from 'vitest'
import { checkTfjs } from '../../src/doctor/tfjs.ts'
import type { Device, EngineOptions } from '../../src/model/engine.ts'
import type { TfjsBackend } from '../../src/model/engines/tfjs-backends.ts'

const gpu: TfjsBackend = { name: 'tfjs-node-gpu', reason: 'it is not installed', remedy: 'Install it.' }
const node: TfjsBackend = { name: 'tfjs-node', version: '4.22.0', tensorflow: '2.9.1', device: 'cpu' }
const javascript: TfjsBackend = { name: 'tfjs-backend-cpu', version: '4.22.0', device: 'cpu' }

const check = (device: Device, engine: EngineOptions['engine'] = 'tfjs') =>
  checkTfjs({ engine, device, threads: 1 }, async () => [gpu, node, javascript])

it('says which backend is taken', async () => {
  expect(await check('auto')).toEqual([
    { name: 'tfjs-node-gpu', state: 'absent', text: 'it is not installed', remedy: 'Install it.' },
    { name: 'tfjs-node', state: 'ok', text: '4.22.0, TensorFlow 2.9.1, works on cpu, and taken: device is auto' },
    { name: 'tfjs-backend-cpu', state: 'ok', text: '4.22.0, works on cpu' },
  ])
})

it('fails where a GPU is asked for and none of them has it', async () => {
  expect((await check('cuda')).map(({ name, state }) => [name, state])).toEqual([
    ['tfjs-node-gpu', 'failed'],
    ['tfjs-node', 'ok'],
    ['tfjs-backend-cpu', 'ok'],
    ['device', 'failed'],
  ])
})

it('needs nothing of them for the engine onnx', async () => {
  const states = await check('cuda', 'onnx')
  expect(states.map(({ state }) => state)).toEqual(['absent', 'ok', 'ok'])
})

it('looks at what is installed here', async () => {
  const found = await checkTfjs({ device: 'auto', threads: 1 })
  expect(found.at(-1)).toMatchObject({ name: '@tensorflow/tfjs-backend-cpu', state: 'ok' })
})
