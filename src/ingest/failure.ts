import { AuscultError, type ErrorCode } from '../errors.ts'
import type { SourceFailure } from '../types.ts'

const REASONS: Partial<Record<ErrorCode, string>> = {
  AUSCULT_NON_FINITE: 'non_finite',
  AUSCULT_INPUT_SHAPE: 'shape',
  AUSCULT_INPUT_RATE: 'wrong_rate',
}

/**
 * How a file or message that cannot be played, or a window of it, is counted: `decode`, `shape` for another kind or length,
 * `non_finite`, `wrong_rate`.
 */
export function failureOf(source: string, path: string, error: unknown): SourceFailure {
  const reason = (error instanceof AuscultError && REASONS[error.code]) || 'decode'
  const at = (error instanceof AuscultError && error.at) || path
  return { source, reason, at, error, windows: 1 }
}
