import { AuscultError, messageOf } from '../../errors.ts'
import type { Bundle } from '../bundle.ts'
import type { EngineOptions } from '../engine.ts'

/** @throws AUSCULT_CONFIG where the engine runs networks of ours only */
export function requireOwn({ manifest, folder }: Bundle, engine: EngineOptions['engine']): void {
  if (!manifest.foreign) return
  throw new AuscultError('AUSCULT_CONFIG', `the engine ${engine} runs models that Auscult trained only`, {
    at: folder,
    remedy: `${manifest.foreign.model} was made elsewhere: set engine: onnx.`,
  })
}

/** What went wrong with a model at a reduced precision; where it was made elsewhere, that it cannot be computed so. */
export function reductionError({ manifest, folder }: Bundle, { precision }: EngineOptions, cause: unknown): unknown {
  const isKnown = cause instanceof AuscultError && cause.code === 'AUSCULT_PRECISION'
  if (isKnown || !manifest.foreign) return cause
  const [reason] = messageOf(cause).split('\n')
  return new AuscultError('AUSCULT_PRECISION', `the model cannot be computed in ${precision}: ${reason}`, {
    at: folder,
    remedy: 'Use precision: fp32.',
    cause,
  })
}
