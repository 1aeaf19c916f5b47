import type { Bundle } from './bundle.ts'
import type { Device, EngineOptions, Session } from './engine.ts'
import { withFallback } from './engines/fallback.ts'
import { createOnnxSession } from './engines/onnx.ts'
import { checkPrecision, devicesWithout } from './precision-rules.ts'

/**
 * The session that scores with a bundle: `features → score, latent, reconstruction`. When its device is lost it goes on with the CPU.
 * @throws AUSCULT_DEVICE, AUSCULT_ENGINE, AUSCULT_PRECISION
 */
export async function openSession(bundle: Bundle, options: EngineOptions): Promise<Session> {
  const { precision = 'fp32' } = options
  checkPrecision(options)
  if (options.engine === 'tfjs') {
    const { createTfjsSession } = await import('./engines/tfjs.ts')
    return createTfjsSession(bundle, options)
  }
  // What changes graphs is loaded by those alone who want one changed.
  const model = precision === 'fp32' ? bundle.model : await (await import('./precision.ts')).modelAt(bundle, precision)
  const passOver = [...(options.passOver ?? []), ...devicesWithout(precision)]
  const open = (device: Device) => createOnnxSession(model, { ...options, passOver, device })
  return withFallback(await open(options.device), () => open('cpu'))
}
