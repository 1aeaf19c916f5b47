import { basename, join } from 'node:path'
import type { Obstacle } from './cuda.ts'
import { hasLibrary, isContainer, type Machine } from './machine.ts'

/** Device files of graphics cards on Linux; a process that computes on one has it open. */
const CARD = /^\/dev\/(dri\/renderD\d+|nvidia\d+|nvidiactl|dxg|mali\d*|kgsl-3d0)$/
const SOFTWARE = /swiftshader|lvp|lavapipe|llvmpipe/i

/** macOS and Windows have graphics at all times; what they are is found by trying. */
const hasAlways = ({ platform }: Machine): boolean => platform !== 'linux'

/** Device files of the graphics cards here. */
export function cards({ list }: Machine): string[] {
  const files = ['/dev', '/dev/dri'].flatMap(folder => list(folder).map(name => join(folder, name)))
  return files.filter(isCard)
}

export const isCard = (file: string): boolean => CARD.test(file)

/** Manifests of Vulkan drivers, in the places where its loader looks. */
export function vulkanDrivers({ env, home, list }: Machine): string[] {
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES
  if (named) return named.split(':').filter(Boolean)
  const folders = ['/etc', '/usr/local/etc', '/usr/share', '/usr/local/share', join(home, '.local/share')]
  return folders.flatMap(folder => {
    const drivers = join(folder, 'vulkan/icd.d')
    return list(drivers).map(name => join(drivers, name))
  })
}

const isSoftware = (driver: string): boolean => SOFTWARE.test(basename(driver))

/** Software that computes in the place of a card, by name. */
export const softwareAdapter = (machine: Machine): string | undefined => {
  const driver = vulkanDrivers(machine).find(isSoftware)
  return driver && (/swiftshader/i.test(driver) ? 'SwiftShader' : 'llvmpipe')
}

/** What hardware for WebGPU certainly lacks, without trying it; undefined where it may work. */
export function graphicsObstacle(machine: Machine): Obstacle | undefined {
  if (hasAlways(machine)) return undefined
  const found = cards(machine)
  if (found.length === 0) return noCard(machine)
  const rendering = found.filter(file => file !== '/dev/nvidiactl')
  const closed = rendering.filter(file => !machine.isWritable(file))
  if (rendering.length === 0 || closed.length < rendering.length) return undefined
  const remedy = 'Add the user to the group of the file: `sudo usermod -aG render $USER`, then log in again.'
  return { reason: `this user may not open ${closed[0]}`, remedy }
}

function noCard(machine: Machine): Obstacle {
  const software = softwareAdapter(machine)
  const reason = software ? onlySoftware(software) : 'there is no graphics card, or no driver for one'
  const remedy = isContainer(machine)
    ? 'Where the host has a card: `docker run --device /dev/dri`, or `docker run --gpus all` for NVIDIA.'
    : 'Where there is a card: install its driver, until /dev/dri lists it.'
  return { reason, remedy }
}

/** Why an adapter that is no hardware is not taken. */
export const onlySoftware = (name = 'software'): string =>
  `there is only an adapter in software (${name}), which is slower than the CPU`

/** What a failed attempt says, for people. */
export function explainGraphics(message: string, machine: Machine): Obstacle {
  if (!/WebGPU adapter|No supported adapters/.test(message)) {
    return { reason: message, remedy: 'Update the graphics driver.' }
  }
  if (machine.platform !== 'linux') {
    const remedy = 'Update the graphics driver: it needs Metal or Direct3D 12.'
    return { reason: 'the graphics driver offers no adapter that WebGPU can use', remedy }
  }
  if (!hasLibrary('libvulkan.so.1', machine)) {
    const remedy = 'Install it: `apt install libvulkan1` on Debian and Ubuntu.'
    return { reason: "Vulkan's loader libvulkan.so.1 is not installed", remedy }
  }
  if (cards(machine).length === 0) {
    const software = softwareAdapter(machine)
    const { reason, remedy } = noCard(machine)
    const useless = `there is only an adapter in software (${software}), and WebGPU cannot use it`
    return { reason: software ? useless : reason, remedy }
  }
  if (vulkanDrivers(machine).every(isSoftware)) {
    const remedy =
      "Install it: `apt install mesa-vulkan-drivers` on Debian and Ubuntu; NVIDIA's comes with its driver (in containers: NVIDIA_DRIVER_CAPABILITIES=all)."
    return { reason: 'there is no Vulkan driver for the graphics card', remedy }
  }
  const remedy = 'Update the graphics driver; `vulkaninfo --summary` shows what it offers.'
  return { reason: 'the graphics driver offers no adapter that WebGPU can use', remedy }
}
