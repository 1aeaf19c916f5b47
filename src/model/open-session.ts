import type { Bundle } from './bundle.ts'
import type { Device, EngineOptions, Session } from './engine.ts'
import { withFallback } from './engines/fallback.ts'
import { createOnnxSession } from './engines/onnx.ts'
import { reductionError, requireOwn } from './foreign/limits.ts'
import { checkPrecision } from './precision-rules.ts'

/**
 * The session that scores with a bundle: `features → score, latent, reconstruction`. When its device is lost it goes on with the CPU.
 * @throws AUSCULT_DEVICE, AUSCULT_ENGINE, AUSCULT_PRECISION
 */
export async function openSession(bundle: Bundle, options: EngineOptions): Promise<Session> {
  const { engine, precision = 'fp32' } = options
  checkPrecision(options)
  if (engine === 'tfjs') {
    requireOwn(bundle, engine)
    const { createTfjsSession } = await import('./engines/tfjs.ts')
    return createTfjsSession(bundle, options)
  }
  if (precision === 'fp32') {
    const open = (device: Device) => createOnnxSession(bundle.model, { ...options, device })
    return withFallback(await open(options.device), () => open('cpu'))
  }
  try {
    // What changes graphs is loaded by those alone who want one changed.
    const { openReduced } = await import('./open-reduced.ts')
    const { session, open } = await openReduced(bundle, options)
    return withFallback(session, () => open('cpu'))
  } catch (error) {
    throw reductionError(bundle, options, error)
  }
}
