import type { AnalysedBundle } from '../../src/analysis.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import { WINDOW } from './fake-scorer.ts'

/** A bundle of the fake scorer: scores of normal windows are 0 to 1, latents lie about (0, 0) and (3, 3). */
export function fakeBundle(name: string, sampleRate = WINDOW): AnalysedBundle {
  const window = { shape: [WINDOW], sample_rate: sampleRate }
  const files = { 'model.onnx': 'a'.repeat(64), 'latents.bin': 'b'.repeat(64) }
  const manifest = { name, window, files, latent_size: 2, training: { seed: 0 } } as unknown as Manifest
  return {
    manifest,
    calibration: {
      ...{ count: 1000, mean: 0.5, std: 0.3, gamma: { shape: 4, scale: 0.1 } },
      quantiles: Array.from({ length: 1001 }, (_, i) => i / 1000),
    },
    latents: Float32Array.from({ length: 400 }, (_, i) => (i % 4 < 2 ? 0 : 3) + Math.sin(i * i) / 2),
  }
}
