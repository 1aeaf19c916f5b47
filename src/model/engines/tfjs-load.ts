import { AuscultError, messageOf } from '../../errors.ts'
import type { Device, EngineOptions, PassedOver, Session } from '../engine.ts'
import { tf, versions } from '../tf.ts'
import { replaceConvolutions } from './tfjs-convolutions.ts'
import { setTfjsEnvironment } from './tfjs-environment.ts'
import {
  findTfjsPackage,
  installRemedy,
  repairRemedy,
  requireTfjsPackage,
  type TfjsPackageName,
} from './tfjs-packages.ts'

/** TensorFlow.js's backend that is to compute. */
export interface LoadedTfjs {
  /** The name that TensorFlow.js knows it by. */
  readonly backend: 'tensorflow' | 'cpu'
  readonly device: Session['device']
  /** Package and version. */
  readonly name: string
  readonly passedOver: readonly PassedOver[]
}

export type NativeTfjs = Pick<LoadedTfjs, 'backend' | 'device' | 'name'> & { readonly package: TfjsPackageName }

const GPU = '@tensorflow/tfjs-node-gpu'
const CPU = '@tensorflow/tfjs-node'

/** `cpu` avoids the package that would take a GPU as long as there is another. */
const ORDER: Record<Exclude<Device, 'webgpu'>, readonly TfjsPackageName[]> = {
  auto: [GPU, CPU],
  cuda: [GPU],
  cpu: [CPU, GPU],
}

/** A process holds one of the packages: each brings the same library. */
let native: NativeTfjs | undefined

/**
 * Loads the best backend of TensorFlow.js that is installed and works: tfjs-node-gpu, tfjs-node, or the one in JavaScript that is always there.
 * @throws AUSCULT_DEVICE when a device was asked for by name that none of them has
 */
export function loadTfjs({ device, threads }: EngineOptions): LoadedTfjs {
  if (device === 'webgpu') refuse(device, 'the engine tfjs has no WebGPU in Node', 'Use device: auto, or engine: onnx.')
  setTfjsEnvironment({ device, threads })
  const passedOver: PassedOver[] = []
  for (const name of ORDER[device]) {
    const found = usable(name, device)
    if ('reason' in found) {
      passedOver.push({ device: name === GPU ? 'cuda' : 'cpu', ...found })
      continue
    }
    // It is taken nevertheless: on the CPU it does what tfjs-node does.
    if (device === 'auto' && name === GPU && found.device === 'cpu') passedOver.push({ device: 'cuda', ...NO_GPU })
    return { ...found, passedOver }
  }
  const [{ reason, remedy }] = passedOver
  if (device === 'cuda') refuse(device, reason, remedy)
  const slowly = passedOver.map(({ reason, ...rest }) =>
    rest.device === 'cpu' ? { ...rest, reason: `${reason}; JavaScript computes slowly` } : { ...rest, reason },
  )
  return {
    backend: 'cpu',
    device: 'cpu',
    name: `tfjs-backend-cpu ${versions['@tensorflow/tfjs-backend-cpu']}`,
    passedOver: slowly,
  }
}

export type Unusable = Pick<PassedOver, 'reason' | 'remedy'>

const NO_GPU: Unusable = { reason: `${GPU} finds no GPU`, remedy: 'Install CUDA 11 and cuDNN 8.' }

function usable(name: TfjsPackageName, device: Device): NativeTfjs | Unusable {
  const loaded = native?.package === name ? native : loadTfjsPackage(name)
  if ('reason' in loaded) return loaded
  if (device === 'cuda' && loaded.device === 'cpu') return NO_GPU
  if (device === 'cpu' && loaded.device === 'cuda') {
    return { reason: `${name} computes on the GPU`, remedy: `Start with CUDA_VISIBLE_DEVICES=-1, or install ${CPU}.` }
  }
  return loaded
}

/** Loads this package and no other. */
export function loadTfjsPackage(name: TfjsPackageName): NativeTfjs | Unusable {
  const found = findTfjsPackage(name)
  if (!found) return { reason: `${name} is not installed`, remedy: installRemedy(name) }
  if (native) return { reason: `${native.package} is loaded already, and brings the same library` }
  try {
    requireTfjsPackage(found)
    replaceConvolutions('tensorflow')
  } catch (error) {
    if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow')
    return { reason: `${name} cannot be loaded: ${firstSentence(messageOf(error))}`, remedy: repairRemedy(name) }
  }
  const { isUsingGpuDevice } = tf.backend() as unknown as { isUsingGpuDevice: boolean }
  const device = isUsingGpuDevice ? 'cuda' : 'cpu'
  native = { backend: 'tensorflow', device, name: `${name} ${found.version}`, package: name }
  return native
}

const firstSentence = (message: string): string => message.split(/\.?\s*\n/)[0]

function refuse(device: Device, reason: string, remedy?: string): never {
  throw new AuscultError('AUSCULT_DEVICE', `the device ${device} cannot be used: ${reason}`, {
    at: `device: ${device}`,
    ...(remedy && { remedy }),
  })
}
