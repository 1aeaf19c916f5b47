import { tf } from '../tf.ts'
import { setTfjsEnvironment } from './tfjs-environment.ts'
import { loadTfjsPackage } from './tfjs-load.ts'
import type { TfjsPackageName } from './tfjs-packages.ts'
import type { TfjsTrial } from './tfjs-trial.ts'

// Entry of a process that tries one package: a process holds no more than one.

function attempt(name: TfjsPackageName): TfjsTrial {
  const loaded = loadTfjsPackage(name)
  if ('reason' in loaded) return { works: false, message: loaded.reason }
  const [four] = tf.matMul(tf.ones([1, 4]), tf.ones([4, 1])).dataSync()
  if (four !== 4) return { works: false, message: `it computes wrongly: 4 is ${four}` }
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } }
  return { works: true, device: loaded.device, tensorflow: binding.TF_Version }
}

// What it says of GPUs is wanted.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '0'
setTfjsEnvironment({ device: 'auto', threads: 1 })
process.stdout.write(`${JSON.stringify(attempt(process.argv[2] as TfjsPackageName))}\n`, () => process.exit())
