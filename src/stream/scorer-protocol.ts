import { AuscultError, ERROR_CODES, type ErrorCode, messageOf } from '../errors.ts'
import type { Bundle } from '../model/bundle.ts'
import type { EngineOptions, PassedOver } from '../model/engine.ts'
import type { Reconstructed, WindowScores } from '../model/scorer.ts'

/** What a scorer worker is started with. */
export interface ScorerWorkerData {
  /** Module that exports `loadScorer: LoadScorer`, as a URL. */
  readonly loader: string
  readonly bundle: string
  /** The same, read and checked: for a loader that exports `loadContents: LoadContents` too. */
  readonly contents?: Bundle
  readonly engine: EngineOptions
}

/** `windows` holds at least `n × window size` values, in memory that both threads see: they are there still when the worker is not. */
export type ToWorker =
  | { readonly type: 'score'; readonly id: number; readonly windows: Float32Array; readonly n: number }
  /** One window, which is moved to the worker. */
  | { readonly type: 'explain'; readonly window: Float32Array }
  | { readonly type: 'close' }

export type FromWorker =
  | {
      readonly type: 'ready'
      readonly device: string
      readonly passedOver: readonly PassedOver[]
      readonly windowSize: number
      readonly latentSize: number
    }
  /** The device was lost; this and all that follows is computed on another. Comes before the batch that found out. */
  | { readonly type: 'fell_back'; readonly device: string; readonly lost: Lost }
  | { readonly type: 'refused'; readonly error: WireError }
  | {
      readonly type: 'scored'
      readonly id: number
      readonly seconds: number
      readonly result: WindowScores
    }
  | { readonly type: 'failed'; readonly id: number; readonly error: WireError }
  | { readonly type: 'explained'; readonly result: Reconstructed }
  | { readonly type: 'unexplained'; readonly error: WireError }

/** A device that was lost while it was used, and how. */
export interface Lost {
  readonly device: string
  readonly reason: string
  readonly remedy?: string
}

/** An error as it crosses a thread border, where classes are lost. */
export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly at?: string
  readonly remedy?: string
}

export function toWire(error: unknown): WireError {
  if (isAuscultError(error)) {
    return { code: error.code, message: error.message, at: error.at, remedy: error.remedy }
  }
  return { code: 'AUSCULT_ENGINE', message: messageOf(error) }
}

export function fromWire({ code, message, at, remedy }: WireError): AuscultError {
  return new AuscultError(code, message, { at, remedy })
}

/** Structural, since a loader that was bundled elsewhere brings its own class. */
export function isAuscultError(error: unknown): error is AuscultError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code in ERROR_CODES
}

/** `AUSCULT_NON_FINITE` → `non_finite`: the label of failures in metrics. */
export const reasonOf = (code: ErrorCode): string => code.replace('AUSCULT_', '').toLowerCase()
