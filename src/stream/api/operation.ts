import type { z } from '../../config.ts'
import type { Answer } from '../http/answer.ts'
import type { DaemonView } from './view.ts'

type Shape = z.ZodRawShape
type Values<S extends Shape> = z.infer<z.ZodObject<S, z.core.$strict>>

/** What an operation is called with, checked. */
export interface Input<P extends Shape = Shape, Q extends Shape = Shape, B = unknown> {
  readonly params: Values<P>
  readonly query: Values<Q>
  readonly body: B
  /** Address of the one who asks. */
  readonly from: string
}

/** An answer that is not JSON: its media types. */
export interface Media {
  readonly types: readonly string[]
}

/** What is served at a route: enough to check requests, to answer them, and to describe both. */
export interface Operation<P extends Shape = Shape, Q extends Shape = Shape, B = unknown> {
  /** Unique; clients that are generated name their methods so. */
  readonly id: string
  /** `GET /v1/episodes/{id}`. */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`
  readonly tag: string
  readonly summary: string
  /** Parameters of the path, strings. */
  readonly params?: P
  /** Parameters of the query, which are strings before they are checked. Without any the query is ignored. */
  readonly query?: Q
  readonly body?: z.ZodType<B>
  /** What it answers, by status. */
  readonly answers: Readonly<Record<number, z.ZodType | Media>>
  /** Why it may refuse, by status, besides what every operation refuses. */
  readonly refusals?: Readonly<Record<number, string>>
  handle(view: DaemonView, input: Input<P, Q, B>): Answer | Promise<Answer>
}

/** Gives the handler of a declaration the types that its schemas say. */
export function operation<P extends Shape = Shape, Q extends Shape = Shape, B = unknown>(
  declaration: Operation<P, Q, B>,
): Operation {
  return declaration as unknown as Operation
}
