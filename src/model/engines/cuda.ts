import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isContainer, type Machine } from './machine.ts'

/** Why a device is not there, and what would mend it. */
export interface Obstacle {
  readonly reason: string
  readonly remedy?: string
}

const LIBRARIES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so']
const FETCH = 'npm rebuild onnxruntime-node --ignore-scripts=false'

const DRIVER: Obstacle = {
  reason: 'there is no NVIDIA driver',
  remedy: 'Where there is an NVIDIA card: install its driver, until `nvidia-smi` lists the card.',
}

/** What CUDA certainly lacks, without trying it; undefined where it may work. */
export function cudaObstacle(machine: Machine, folder = onnxruntimeFolder(machine)): Obstacle | undefined {
  const { platform, arch, exists } = machine
  if (platform !== 'linux' || arch !== 'x64') {
    return { reason: `ONNX Runtime for Node has CUDA on Linux x64 only, and this is ${platform} ${arch}` }
  }
  if (!exists('/dev/nvidiactl') && !exists('/dev/dxg')) {
    if (!isContainer(machine)) return DRIVER
    const remedy = 'Where the host has one: `docker run --gpus all` (NVIDIA Container Toolkit).'
    return { reason: 'no NVIDIA card is handed into this container', remedy }
  }
  if (!LIBRARIES.every(name => exists(join(folder, name)))) {
    return { reason: "ONNX Runtime's library for CUDA is not installed", remedy: `Fetch it: \`${FETCH}\`.` }
  }
  return undefined
}

/** What a failed attempt says, for people. @param output what ONNX Runtime wrote to stderr meanwhile */
export function explainCuda(message: string, output: string): Obstacle {
  const [, library] = /(lib[\w+-]+\.so[.\d]*): cannot open shared object file/.exec(output) ?? []
  if (library) {
    const remedy =
      'Install CUDA 12 and cuDNN 9; name the folder of their libraries in LD_LIBRARY_PATH where it is not among those of the system.'
    return { reason: `the library ${library} is not found`, remedy }
  }
  if (/driver version is insufficient/.test(message + output)) {
    return { reason: 'the NVIDIA driver is too old for CUDA 12', remedy: 'Update the driver to 525 or later.' }
  }
  if (/no CUDA-capable device/.test(message + output)) {
    return { reason: 'CUDA finds no card', remedy: 'See what `nvidia-smi` and CUDA_VISIBLE_DEVICES say.' }
  }
  const remedy = 'CUDA 12, cuDNN 9 and a driver for them are needed; `nvidia-smi` says what the driver can do.'
  return { reason: message, remedy }
}

/** Where the package keeps its libraries for this machine. */
function onnxruntimeFolder({ platform, arch }: Machine): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin', 'napi-v6', platform, arch)
}
