import { expect, it } from 'vitest'
import { checkDevices } from '../../src/doctor/devices.ts'
import type { Device, EngineOptions } from '../../src/model/engine.ts'
import type { DeviceState } from '../../src/model/engines/devices.ts'

const cuda: DeviceState = {
  device: 'cuda',
  isTaken: false,
  works: false,
  reason: 'there is no NVIDIA driver',
  remedy: 'Install it.',
}
const webgpu: DeviceState = { device: 'webgpu', isTaken: true, works: true }
const software: DeviceState = {
  device: 'webgpu',
  isTaken: false,
  works: true,
  reason: 'there is only software',
  remedy: 'Install a driver.',
}
const cpu: DeviceState = { device: 'cpu', isTaken: true, works: true }

function check(states: readonly DeviceState[], device: Device, engine: EngineOptions['engine'] = 'onnx') {
  return checkDevices({ engine, device, threads: 1 }, async name => states.find(state => state.device === name)!)
}

it('says which device auto takes, and what would mend the others', async () => {
  expect(await check([cuda, webgpu, cpu], 'auto')).toEqual([
    { name: 'cuda', state: 'absent', text: 'there is no NVIDIA driver', remedy: 'Install it.' },
    { name: 'webgpu', state: 'ok', text: 'works, and taken: device is auto' },
    { name: 'cpu', state: 'ok', text: 'works' },
  ])
})

it('fails where the device that is asked for does not work', async () => {
  const [first] = await check([cuda, webgpu, cpu], 'cuda')
  expect(first).toMatchObject({ name: 'cuda', state: 'failed' })
})

it('takes software by name only', async () => {
  const [, auto] = await check([cuda, software, cpu], 'auto')
  expect(auto).toMatchObject({ state: 'absent', text: 'works when it is asked for by name; there is only software' })
  const [, named] = await check([cuda, software, cpu], 'webgpu')
  expect(named).toMatchObject({ state: 'ok', text: 'works, and taken: device is webgpu; there is only software' })
})

it('fails nothing that another engine computes', async () => {
  const states = await check([cuda, webgpu, cpu], 'cuda', 'tfjs')
  expect(states.map(({ state }) => state)).toEqual(['absent', 'ok', 'ok'])
  expect(states.every(({ text }) => !text.includes('taken'))).toBe(true)
})
