import { afterAll, describe, expect, it } from 'vitest'
import { describePassedOver, inspectDevice, whyNot } from '../../../src/model/engines/devices.ts'
import { certainObstacle, explain } from '../../../src/model/engines/obstacles.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { type TrialResult, tryDevice } from '../../../src/model/engines/trial.ts'
import { encodeModel, ONNX_TYPE } from '../../../src/model/onnx/model.ts'
import { machine } from '../../helpers/machines.ts'
import { swiftshader } from '../../helpers/requires.ts'

const card = machine({ files: { '/dev/dri/renderD128': '' } })
const bare = machine({})
const software = machine({ env: { VK_ICD_FILENAMES: '/usr/lib/chromium/vk_swiftshader_icd.json' } })

const trial = (result: TrialResult, output = '') => {
  const tried: string[] = []
  const run = async (device: string) => {
    tried.push(device)
    return { result, output }
  }
  return { tried, run }
}
const works = (...cards: string[]): TrialResult => ({ works: true, cards })

describe('inspectDevice', () => {
  it('takes the CPU as it is', async () => {
    const { tried, run } = trial(works())
    expect(await inspectDevice('cpu', { machine: bare, trial: run })).toEqual({
      device: 'cpu',
      isTaken: true,
      works: true,
    })
    expect(tried).toEqual([])
  })

  it('does not try what cannot be there', async () => {
    const { tried, run } = trial(works())
    for (const device of ['cuda', 'webgpu'] as const) {
      const state = await inspectDevice(device, { machine: bare, trial: run })
      expect(state).toMatchObject({
        device,
        isTaken: false,
        works: false,
        reason: expect.any(String),
        remedy: expect.any(String),
      })
    }
    expect(tried).toEqual([])
  })

  it('takes WebGPU when it computed on a card', async () => {
    const { tried, run } = trial(works('/dev/dri/renderD128'))
    expect(await inspectDevice('webgpu', { machine: card, trial: run })).toMatchObject({ isTaken: true, works: true })
    expect(tried).toEqual(['webgpu'])
  })

  it('takes WebGPU where the system does not tell what it computed on', async () => {
    const { run } = trial({ works: true })
    expect(await inspectDevice('webgpu', { machine: machine({ platform: 'darwin' }), trial: run })).toMatchObject({
      isTaken: true,
    })
  })

  it('does not take an adapter in software in the place of a card', async () => {
    const { run } = trial(works())
    expect(await inspectDevice('webgpu', { machine: card, trial: run })).toMatchObject({
      isTaken: false,
      works: true,
      reason: expect.stringContaining('in software'),
    })
  })

  it('tries software when it is to be thorough, and does not take it', async () => {
    const { tried, run } = trial(works())
    expect(await inspectDevice('webgpu', { machine: software, trial: run })).toMatchObject({
      isTaken: false,
      works: false,
    })
    expect(tried).toEqual([])
    expect(await inspectDevice('webgpu', { machine: software, trial: run, thorough: true })).toMatchObject({
      isTaken: false,
      works: true,
      reason: 'there is only an adapter in software (SwiftShader), which is slower than the CPU',
    })
  })

  it('explains what failed, from what the driver printed too', async () => {
    const output = 'libcudnn.so.9: cannot open shared object file'
    expect(explain('cuda', 'Failed to load shared library', output).reason).toMatch(/libcudnn\.so\.9/)
    const failed = trial({
      works: false,
      message: '/a/b.cc:136 f() x == y was false. Failed to get a WebGPU adapter: No supported adapters\n',
    })
    expect(await inspectDevice('webgpu', { machine: card, trial: failed.run })).toMatchObject({
      works: false,
      reason: "Vulkan's loader libvulkan.so.1 is not installed",
    })
  })
})

it('refuses CUDA without loading it where it certainly is not', () => {
  expect(certainObstacle('cuda', bare)?.reason).toMatch(/NVIDIA/)
  expect(certainObstacle('webgpu', bare)).toBeUndefined()
})

it('says in one line what was passed over', () => {
  expect(describePassedOver({ device: 'cuda', reason: 'there is no NVIDIA driver', remedy: 'x' })).toBe(
    'not cuda: there is no NVIDIA driver',
  )
})

describe('auto', () => {
  const value = (name: string) => ({
    name,
    type: { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim: [{ dimValue: 1 }] } } },
  })
  const identity = encodeModel({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'g',
      node: [{ opType: 'Identity', input: ['a'], output: ['b'] }],
      input: [value('a')],
      output: [value('b')],
    },
  })

  it('takes the best that works, with a reason for each that is better', async () => {
    const reasons = [await whyNot('cuda'), await whyNot('webgpu')]
    const session = await createOnnxSession(identity, { device: 'auto', threads: 1 })
    const best = reasons[0] ? (reasons[1] ? 'cpu' : 'webgpu') : 'cuda'
    expect(session.device).toBe(best)
    const before = { cuda: 0, webgpu: 1, cpu: 2 }[best]
    expect(session.passedOver).toEqual(reasons.slice(0, before))
    await session.release()
  })

  it('leaves out what it is told to, in the order of preference', async () => {
    const passOver = [
      { device: 'webgpu', reason: 'its scores differ' },
      { device: 'cuda', reason: 'it is needed elsewhere' },
    ] as const
    const session = await createOnnxSession(identity, { device: 'auto', threads: 1, passOver })
    expect(session.device).toBe('cpu')
    expect(session.passedOver.map(({ reason }) => reason)).toEqual(['it is needed elsewhere', 'its scores differ'])
    await session.release()
  })
})

describe('tryDevice', () => {
  it('computes in another process', async () => {
    expect((await tryDevice('cpu')).result).toMatchObject({ works: true })
  })

  it('says that a device did not answer', async () => {
    const { result } = await tryDevice('cpu', 1)
    expect(result).toEqual({ works: false, message: 'the process that tried it ended with SIGKILL' })
  })

  const driver = swiftshader()

  describe.skipIf(!driver)('with SwiftShader', () => {
    const before = { ...process.env }
    afterAll(() => {
      process.env = before
    })

    it('finds that WebGPU works on no card', async () => {
      process.env.VK_ICD_FILENAMES = driver
      process.env.XDG_RUNTIME_DIR ??= '/tmp'
      const { result } = await tryDevice('webgpu')
      expect(result).toEqual({ works: true, cards: [] })
    })
  })
})
