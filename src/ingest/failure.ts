import { AuscultError } from '../errors.ts'
import type { SourceFailure } from '../types.ts'

/** How a file that cannot be played, or a window of it, is counted: `decode`, `shape` for another kind or length, `non_finite`. */
export function failureOf(source: string, path: string, error: unknown): SourceFailure {
  const code = error instanceof AuscultError ? error.code : undefined
  const reason = code === 'AUSCULT_NON_FINITE' ? 'non_finite' : code === 'AUSCULT_INPUT_SHAPE' ? 'shape' : 'decode'
  const at = (error instanceof AuscultError && error.at) || path
  return { source, reason, at, error, windows: 1 }
}
