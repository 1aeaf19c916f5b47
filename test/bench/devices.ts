import type { Session } from '../../src/model/engine.ts'
import { inspectDevice, whyNot } from '../../src/model/engines/devices.ts'
import type { Result } from './compare.ts'
import { runPeer } from './processes.ts'

type Name = Session['device']

const NAMES: readonly Name[] = ['cpu', 'webgpu', 'cuda']

/** @param text names with commas, or all: the CPU, and what `device: auto` would take */
export async function chooseDevices(text: string): Promise<Name[]> {
  if (text === 'all') {
    const missing = await Promise.all(NAMES.map(name => (name === 'cpu' ? undefined : whyNot(name))))
    for (const why of missing) if (why) process.stderr.write(`without ${why.device}: ${why.reason}\n`)
    return NAMES.filter((_, i) => missing[i] === undefined)
  }
  const names = text.split(',').map(part => part.trim())
  return Promise.all(names.map(usable))
}

async function usable(text: string): Promise<Name> {
  const name = NAMES.find(each => each === text)
  if (!name) throw new Error(`there is no device ${text}: cpu, webgpu, cuda or all`)
  const { works, reason, remedy } = await inspectDevice(name, { thorough: true })
  if (!works) throw new Error(`${name}: ${reason}. ${remedy ?? ''}`.trim())
  return name
}

/** Devices that PyTorch can use too. */
export async function torchDevices(python: string): Promise<Name[]> {
  const { name } = await runPeer<{ name: string | null }>(python, { work: 'torch_devices', job: {} })
  process.stderr.write(
    name ? `PyTorch has CUDA on ${name}\n` : 'PyTorch has no CUDA here: nothing to compare cuda with\n',
  )
  return name ? ['cpu', 'cuda'] : ['cpu']
}

/** What crosses the bus in a training step. */
export function trafficText(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ name, traffic }) =>
    traffic ? [`  ${name}: ${bytes(traffic.toDevice)} to the device, ${bytes(traffic.fromDevice)} back`] : [],
  )
  return lines.length ? [['What a training step moves:', ...lines].join('\n')] : []
}

const bytes = (n: number): string =>
  n < 10_000 ? `${Math.round(n)} B` : `${Math.round(n / 1000).toLocaleString('en')} kB`
