import { AuscultError } from '../errors.ts'
import type { EngineOptions, PassedOver, Precision } from './engine.ts'

/** Largest relative difference between a golden window's score in fp32 and at another precision that a reader accepts. */
export const REDUCED_TOLERANCE = 1e-2

const ONLY_CPU: readonly PassedOver[] = (['cuda', 'webgpu'] as const).map(device => ({
  device,
  reason: 'models in int8 are for the CPU',
  remedy: 'precision: fp16 halves the weights on a GPU.',
}))

/** Devices that have no use for a precision, and why. */
export const devicesWithout = (precision: Precision): readonly PassedOver[] => (precision === 'int8' ? ONLY_CPU : [])

/** @throws AUSCULT_PRECISION where the engine or the device asked for has no such numbers */
export function checkPrecision({ engine = 'onnx', device, precision = 'fp32' }: EngineOptions): void {
  if (precision === 'fp32') return
  if (engine !== 'onnx') {
    throw new AuscultError('AUSCULT_PRECISION', `the engine ${engine} computes in fp32 alone`, {
      at: `precision: ${precision}`,
      remedy: 'Use engine: onnx, or precision: fp32.',
    })
  }
  const passed = devicesWithout(precision).find(other => other.device === device)
  if (passed) {
    throw new AuscultError('AUSCULT_PRECISION', `the device ${device} cannot be used: ${passed.reason}`, {
      at: `precision: ${precision}`,
      remedy: 'Use device: cpu, or precision: fp16.',
    })
  }
}
