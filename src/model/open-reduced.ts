import { AuscultError, messageOf } from '../errors.ts'
import type { Bundle } from './bundle.ts'
import type { Device, EngineOptions, PassedOver, Session } from './engine.ts'
import { createOnnxSession } from './engines/onnx.ts'
import { sizeOf } from './frontends/frontend.ts'
import { modelAt } from './precision.ts'
import { devicesWithout } from './precision-rules.ts'

const NO_HALVES = 'it has no 16-bit floats'

/**
 * A session on a bundle's model at a reduced precision, and how to open the same on another device. A device is tried, since many a graphics card
 * has no 16-bit floats (shader-f16), and says so only when it computes.
 * @throws AUSCULT_PRECISION, AUSCULT_DEVICE
 */
export async function openReduced(bundle: Bundle, options: EngineOptions) {
  const { precision = 'fp32', device } = options
  const model = await modelAt(bundle, precision)
  const without = devicesWithout(precision)
  const open = (on: Device, passOver: readonly PassedOver[] = []) =>
    createOnnxSession(model, {
      ...options,
      passOver: [...(options.passOver ?? []), ...without, ...passOver],
      device: on,
    })
  const passOver: PassedOver[] = []
  for (;;) {
    let session: Session | undefined
    try {
      session = await open(device, passOver)
      if (session.device !== 'cpu') await tryOut(session, bundle.manifest.feature_shape)
      return { session, open: (on: Device) => open(on) }
    } catch (error) {
      await session?.release()
      if (!/f16/.test(messageOf(error))) throw error
      const failed = session?.device ?? device
      if (device !== 'auto' || failed === 'auto' || passOver.some(other => other.device === failed)) {
        throw new AuscultError('AUSCULT_PRECISION', `the device ${failed} cannot be used: ${NO_HALVES}`, {
          at: `precision: ${precision}`,
          remedy: 'Use precision: fp32, or device: auto.',
          cause: error,
        })
      }
      passOver.push({ device: failed, reason: NO_HALVES, remedy: 'precision: fp32 is for every device.' })
    }
  }
}

async function tryOut(session: Session, shape: readonly number[]): Promise<void> {
  await session.run({ features: { data: new Float32Array(sizeOf(shape)), shape: [1, ...shape] } })
}
