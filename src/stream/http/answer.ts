import { AuscultError, type ErrorCode, type ErrorDetails } from '../../errors.ts'

export interface Answer {
  readonly status?: number
  /** Default: JSON. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, what can be iterated as it comes. */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array> | object
}

/** A request, as a route gets it. */
export interface Call {
  /** Of the path, decoded, by name. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** What was sent as JSON; `{}` when nothing was. */
  readonly body: unknown
  /** Address of the one who asks. */
  readonly from: string
}

export type Handler = (call: Call) => Answer | Promise<Answer>

/** A request that is refused for itself, whatever the state of the daemon. */
export class Refused extends AuscultError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: ErrorCode,
    message: string,
    { headers = {}, ...details }: ErrorDetails & { headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, message, details)
    this.status = status
    this.headers = headers
  }
}

/** Errors that answer a request; all others are nobody's business but the log's. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  AUSCULT_USAGE: 400,
  AUSCULT_CONFIG: 400,
  AUSCULT_FORBIDDEN: 403,
  AUSCULT_NOT_FOUND: 404,
  AUSCULT_RECALIBRATION: 409,
  AUSCULT_NON_FINITE: 409,
  AUSCULT_STATE: 500,
  AUSCULT_STORE: 503,
}

/** The answer to a request that failed; undefined for what a caller is not to see. */
export function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof AuscultError)) return undefined
  const status = error instanceof Refused ? error.status : STATUSES[error.code]
  if (status === undefined) return undefined
  const { message, code, at, remedy } = error
  const headers = error instanceof Refused ? error.headers : {}
  return { status, headers, body: { error: message, code, at, remedy } }
}

export const unexpected: Answer = { status: 500, body: { error: 'this failed; the log of the daemon says why' } }
