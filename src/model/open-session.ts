import type { Bundle } from './bundle.ts'
import type { Device, EngineOptions, Session } from './engine.ts'
import { withFallback } from './engines/fallback.ts'
import { createOnnxSession } from './engines/onnx.ts'

/**
 * The session that scores with a bundle: `features → score, latent, reconstruction`. When its device is lost it goes on with the CPU.
 * @throws AUSCULT_DEVICE, AUSCULT_ENGINE
 */
export async function openSession(bundle: Bundle, options: EngineOptions): Promise<Session> {
  if (options.engine === 'tfjs') {
    const { createTfjsSession } = await import('./engines/tfjs.ts')
    return createTfjsSession(bundle, options)
  }
  const open = (device: Device) => createOnnxSession(bundle.model, { ...options, device })
  return withFallback(await open(options.device), () => open('cpu'))
}
