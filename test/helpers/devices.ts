import type { Session } from '../../src/model/engine.ts'
import { whyNot } from '../../src/model/engines/devices.ts'
import { swiftshader } from './requires.ts'

export interface TestedDevice {
  device: Exclude<Session['device'], 'cpu'>
  /** What it is, for the names of tests. */
  label: string
}

/**
 * Devices to hold against the CPU: those of AUSCULT_TEST_DEVICES ("webgpu,cuda"), which must work then; else those that `device: auto` would
 * take, and SwiftShader where WebGPU has no graphics card.
 */
export async function testedDevices(): Promise<TestedDevice[]> {
  const named = process.env.AUSCULT_TEST_DEVICES?.split(',').map(name => name.trim())
  if (named) return named.map(device => ({ device: device as TestedDevice['device'], label: device }))
  const tested: TestedDevice[] = []
  if (!(await whyNot('cuda'))) tested.push({ device: 'cuda', label: 'cuda' })
  if (!(await whyNot('webgpu'))) return [...tested, { device: 'webgpu', label: 'webgpu' }]
  return useSwiftshader() ? [...tested, { device: 'webgpu', label: 'webgpu on SwiftShader' }] : tested
}

/** Lets WebGPU compute in software, from the first session on. */
function useSwiftshader(): boolean {
  const driver = swiftshader()
  if (!driver) return false
  // Read by the Vulkan loader when the first session is created.
  process.env.VK_ICD_FILENAMES = driver
  process.env.XDG_RUNTIME_DIR ??= '/tmp'
  return true
}
