import { expect, it } from 'vitest'
import type { Device } from '../../src/model/engine.ts'
import { silentProgress } from '../../src/progress.ts'
import { reportDevice } from '../../src/train/report-device.ts'

function reported(wanted: Device): string[] {
  const lines: string[] = []
  const passedOver = [
    { device: 'cuda', reason: 'there is no NVIDIA driver', remedy: 'Install it.' },
    { device: 'webgpu', reason: 'there is no graphics card' },
  ] as const
  reportDevice({ ...silentProgress, line: text => lines.push(text) }, wanted, { device: 'cpu', passedOver })
  return lines
}

it('says what auto took, and why not what is better', () => {
  expect(reported('auto')).toEqual([
    'computing on cpu',
    '  not cuda: there is no NVIDIA driver',
    '  not webgpu: there is no graphics card',
    '  `auscult doctor` says what would mend that',
  ])
})

it('says nothing of a device that was asked for', () => {
  expect(reported('cpu')).toEqual([])
})
