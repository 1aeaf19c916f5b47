/** Why a connection was not let in. */
export const REFUSALS = ['origin', 'query', 'handshake', 'full', 'address', 'stopping'] as const
/**
 * Why one ended: the client left, or was lost; it broke the protocol, sent too much, was silent, was too slow; the store could not be read,
 * or had deleted what it should get; the daemon stops.
 */
export const CLOSINGS = [
  'left',
  'lost',
  'protocol',
  'flood',
  'silent',
  'slow',
  'store',
  'overtaken',
  'stopping',
] as const

export type Refusal = (typeof REFUSALS)[number]
export type Closing = (typeof CLOSINGS)[number]

/** What has happened since the start. All reasons are there from the beginning. */
export class Counts {
  readonly refused = zeros(REFUSALS)
  readonly closed = zeros(CLOSINGS)
  /** Score and view messages that slow clients did not get. */
  unsentScores = 0
  unsentViews = 0
  /** Messages of clients that were answered with an error. */
  errors = 0
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map(name => [name, 0])) as Record<K, number>
}
