/**
 * Every error that a user can meet. The list is closed: a code is one kind of mistake, documented in docs/errors.md.
 * `exit` is the process's exit code when a command ends with it: 1 the work failed, 2 the usage or configuration is wrong.
 */
export const ERROR_CODES = {
  AUSCULT_CONFIG: { exit: 2, text: 'the configuration is not valid' },
  AUSCULT_USAGE: { exit: 2, text: 'the command was called with wrong arguments' },
  AUSCULT_SHAPE: { exit: 2, text: 'shapes of the architecture do not fit together' },
  AUSCULT_NOT_FOUND: { exit: 1, text: 'there is nothing of that name' },
  AUSCULT_FORBIDDEN: { exit: 1, text: 'the daemon does not do this for whoever asks so' },
  AUSCULT_INPUT_MISSING: { exit: 2, text: 'an input file or folder is absent' },
  AUSCULT_INPUT_INVALID: { exit: 1, text: 'an input file cannot be decoded' },
  AUSCULT_INPUT_SHAPE: { exit: 1, text: 'an input has another shape or length than expected' },
  AUSCULT_INPUT_RATE: { exit: 1, text: 'an input has another sample rate than expected' },
  AUSCULT_NON_FINITE: { exit: 1, text: 'an input holds NaN or infinite values' },
  AUSCULT_LABELS: { exit: 2, text: 'the label file does not fit the recordings' },
  AUSCULT_BUNDLE: { exit: 1, text: 'the model bundle is damaged or of another version' },
  AUSCULT_UNSUPPORTED_OP: { exit: 1, text: 'the network uses an operation that cannot be traced' },
  AUSCULT_DEVICE: { exit: 1, text: 'the requested device cannot be used' },
  AUSCULT_PRECISION: { exit: 1, text: 'the model cannot be computed at this precision' },
  AUSCULT_ENGINE: { exit: 1, text: 'the inference engine failed' },
  AUSCULT_TRAINING: { exit: 1, text: 'training cannot go on' },
  AUSCULT_PORT_IN_USE: { exit: 1, text: 'the port is taken' },
  AUSCULT_QUEUE_CLOSED: { exit: 1, text: 'a queue was closed while it was waited on' },
  AUSCULT_STORE: { exit: 1, text: 'the event store cannot be written' },
  AUSCULT_STATE: { exit: 1, text: 'a saved state is damaged or of another version' },
  AUSCULT_RECALIBRATION: { exit: 1, text: 'the recent scores do not allow another calibration' },
  AUSCULT_OUTPUT: { exit: 1, text: 'an output file or folder cannot be written' },
  AUSCULT_KAFKA: { exit: 1, text: 'the Kafka cluster cannot be used' },
  AUSCULT_RECORDER_MISSING: { exit: 1, text: 'no program that records sound is installed' },
  AUSCULT_UNREACHABLE: { exit: 1, text: 'no daemon answers at the address' },
  AUSCULT_TIMEOUT: { exit: 1, text: 'a step did not end in time' },
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface ErrorDetails {
  /** Where it happened: file, file:byte, config path, source/partition/offset. */
  at?: string
  /** What the user can do about it, one sentence. */
  remedy?: string
  cause?: unknown
  /** Whether the same call may succeed later. Default false. */
  canRetry?: boolean
}

/** An error with a code, a place and a remedy. Its message is one line that a user can act on. */
export class AuscultError extends Error {
  readonly code: ErrorCode
  readonly at: string | undefined
  readonly remedy: string | undefined
  readonly canRetry: boolean

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AuscultError'
    this.code = code
    this.at = details.at
    this.remedy = details.remedy
    this.canRetry = details.canRetry ?? false
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit
  }

  /** `place: message. Remedy` — what a command prints before it exits. */
  override toString(): string {
    const place = this.at ? `${this.at}: ` : ''
    const remedy = this.remedy ? `\n  → ${this.remedy}` : ''
    return `${place}${this.message} [${this.code}]${remedy}`
  }
}

/** The text of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
