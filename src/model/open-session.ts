import type { Bundle } from './bundle.ts'
import type { EngineOptions, Session } from './engine.ts'
import { createOnnxSession } from './engines/onnx.ts'

/** The session that scores with a bundle: `features → score, latent, reconstruction`. @throws AUSCULT_DEVICE, AUSCULT_ENGINE */
export async function openSession(bundle: Bundle, options: EngineOptions): Promise<Session> {
  return createOnnxSession(bundle.model, options)
}
