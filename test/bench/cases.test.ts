import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Case, comparisons } from './cases.ts'
import { chooseDevices, trafficText } from './devices.ts'

describe('comparisons', () => {
  let folder: string
  let cases: Case[]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
    cases = await comparisons({ threads: 1, seconds: 1 }, folder, ['cpu', 'webgpu', 'cuda'], ['cpu', 'cuda'])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const named = (text: string) => cases.filter(({ name }) => name.includes(text))
  const labels = ({ peers }: Case) => peers.map(({ label }) => label)

  it('trains and scores every architecture on each device, and says on which', () => {
    for (const architecture of ['dense-ae', 'conv1d-ae', 'conv2d-ae']) {
      expect(named(`train ${architecture}`)).toHaveLength(3)
      expect(named(`score ${architecture}, batch 1 on cuda`)).toHaveLength(1)
      expect(named(`score ${architecture}, batch 4096 on webgpu`)).toHaveLength(1)
    }
    for (const { name, ours } of cases) {
      expect(ours.job.device ?? 'cpu').toBe(/ on (\w+)$/.exec(name)?.[1] ?? 'cpu')
    }
  })

  it('compares with PyTorch where it has the device, and with the runtime in Python on the CPU', () => {
    expect(labels(named('train dense-ae, batch 512 on cuda')[0])).toEqual(['PyTorch'])
    expect(labels(named('score dense-ae, batch 4096 on cuda')[0])).toEqual(['PyTorch, eager'])
    expect(labels(named('score dense-ae, batch 512')[0])).toEqual(['PyTorch, eager', 'ONNX Runtime in Python'])
    expect(named('on webgpu').flatMap(labels)).toEqual([])
  })
})

describe('chooseDevices', () => {
  it('takes names with commas, and the CPU among all', async () => {
    expect(await chooseDevices('cpu')).toEqual(['cpu'])
    expect(await chooseDevices('all')).toContain('cpu')
  })

  it('says what a name is no device of', async () => {
    await expect(chooseDevices('cpu,gpu')).rejects.toThrow('there is no device gpu')
  })
})

it('says what a step moves, where it moves anything', () => {
  const rate = { median: 1, best: 1 }
  const result = { name: 'train x on webgpu', unit: 'samples/s', ours: rate, peers: [] }
  expect(trafficText([result])).toEqual([])
  const [text] = trafficText([{ ...result, traffic: { toDevice: 1_310_728, fromDevice: 4 } }])
  expect(text).toContain('train x on webgpu: 1,311 kB to the device, 4 B back')
})
