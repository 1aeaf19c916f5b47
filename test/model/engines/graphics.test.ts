import { describe, expect, it } from 'vitest'
import {
  cards,
  explainGraphics,
  graphicsObstacle,
  isCard,
  softwareAdapter,
  vulkanDrivers,
} from '../../../src/model/engines/graphics.ts'
import { machine } from '../../helpers/machines.ts'

const card = { '/dev/dri/renderD128': '' }
const loader = { '/usr/lib/x86_64-linux-gnu/libvulkan.so.1': '' }
const radeon = { '/usr/share/vulkan/icd.d/radeon_icd.x86_64.json': '' }
const llvmpipe = { '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json': '' }
const NONE = 'Failed to get a WebGPU adapter: No supported adapters'

describe('cards', () => {
  it('are the device files that a process computes on', () => {
    const files = {
      ...card,
      '/dev/dri/card0': '',
      '/dev/nvidia0': '',
      '/dev/nvidiactl': '',
      '/dev/nvidia-uvm': '',
      '/dev/null': '',
    }
    expect(cards(machine({ files }))).toEqual(['/dev/nvidia0', '/dev/nvidiactl', '/dev/dri/renderD128'])
    expect(isCard('/dev/dxg')).toBe(true)
  })
})

describe('vulkanDrivers', () => {
  it('are those of the variables, which the loader takes alone', () => {
    const files = { ...radeon }
    expect(vulkanDrivers(machine({ files, env: { VK_ICD_FILENAMES: '/a.json:/b.json' } }))).toEqual([
      '/a.json',
      '/b.json',
    ])
    expect(vulkanDrivers(machine({ files, env: { VK_ICD_FILENAMES: '/a.json', VK_DRIVER_FILES: '/c.json' } }))).toEqual(
      ['/c.json'],
    )
  })

  it('are else those of the system and of the user', () => {
    const own = '/home/user/.local/share/vulkan/icd.d/mine.json'
    expect(vulkanDrivers(machine({ files: { ...radeon, [own]: '' } }))).toEqual([...Object.keys(radeon), own])
  })

  it.each([
    [llvmpipe, 'llvmpipe'],
    [{ '/etc/vulkan/icd.d/vk_swiftshader_icd.json': '' }, 'SwiftShader'],
    [radeon, undefined],
  ])('of %j are told from software', (files, name) => {
    expect(softwareAdapter(machine({ files: files as Record<string, string> }))).toBe(name)
  })
})

describe('graphicsObstacle', () => {
  it('leaves macOS and Windows to a trial', () => {
    expect(graphicsObstacle(machine({ platform: 'darwin' }))).toBeUndefined()
    expect(graphicsObstacle(machine({ platform: 'win32' }))).toBeUndefined()
  })

  it('is none where a card can be opened', () => {
    expect(graphicsObstacle(machine({ files: card }))).toBeUndefined()
    const files = { ...card, '/dev/dri/renderD129': '' }
    expect(graphicsObstacle(machine({ files, closed: ['/dev/dri/renderD128'] }))).toBeUndefined()
  })

  it.each([
    [{}, /no graphics card/, /install its driver/],
    [
      { files: llvmpipe },
      /only an adapter in software \(llvmpipe\), which is slower than the CPU/,
      /install its driver/,
    ],
    [{ files: { '/run/.containerenv': '' } }, /no graphics card/, /--device \/dev\/dri/],
    [{ files: card, closed: ['/dev/dri/renderD128'] }, /may not open \/dev\/dri\/renderD128/, /usermod -aG render/],
  ])('of %j says what is missing', (parts, reason, remedy) => {
    const obstacle = graphicsObstacle(machine(parts as Parameters<typeof machine>[0]))
    expect(obstacle?.reason).toMatch(reason)
    expect(obstacle?.remedy).toMatch(remedy)
  })
})

describe('explainGraphics', () => {
  it.each([
    [{ files: card }, /libvulkan\.so\.1 is not installed/, /apt install libvulkan1/],
    [{ files: { ...card, ...loader } }, /no Vulkan driver/, /mesa-vulkan-drivers/],
    [{ files: { ...card, ...loader, ...llvmpipe } }, /no Vulkan driver/, /NVIDIA_DRIVER_CAPABILITIES/],
    [{ files: { ...card, ...loader, ...radeon } }, /offers no adapter/, /vulkaninfo/],
    [{ files: { ...loader } }, /no graphics card/, /driver/],
    [{ files: { ...loader, ...llvmpipe } }, /software \(llvmpipe\), and WebGPU cannot use it/, /driver/],
    [{ platform: 'win32' }, /offers no adapter/, /Direct3D 12/],
    [
      { files: { ...card, '/libs/libvulkan.so.1': '', ...radeon }, env: { LD_LIBRARY_PATH: '/libs' } },
      /offers no adapter/,
      /vulkaninfo/,
    ],
  ])('of %j says what is wrong', (parts, reason, remedy) => {
    expect(explainGraphics(NONE, machine(parts as Parameters<typeof machine>[0]))).toMatchObject({
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    })
  })

  it('hands other errors on', () => {
    expect(explainGraphics('the shader does not compile', machine({})).reason).toBe('the shader does not compile')
  })
})
