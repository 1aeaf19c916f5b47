import type { DriftStatus, SourceState, SourceStatus } from '../telemetry.ts'

/** What a source has counted since the start. */
export type Counts = Pick<
  SourceStatus,
  'account' | 'gaps' | 'late' | 'restarts' | 'suppressed' | 'episodes' | 'mutedEpisodes'
>

export const NOTHING: Counts = {
  account: { received: 0, scored: 0, dropped: {}, failed: {}, inFlight: 0 },
  ...{ gaps: 0, late: 0, restarts: 0, suppressed: 0, episodes: 0, mutedEpisodes: 0 },
}

/** What was settled so far. What was in flight then is received after it. */
export function settled(source: SourceStatus): Counts {
  const { gaps, late, restarts, suppressed, episodes, mutedEpisodes } = source
  const { received, inFlight, ...outcomes } = source.account
  const account = { ...outcomes, received: received - inFlight, inFlight: 0 }
  return { account, gaps, late, restarts, suppressed, episodes, mutedEpisodes }
}

/**
 * Many sources as one: what is counted is added up; what is on or off is as alarming as with any of them; score and threshold are those of
 * the source that is highest above its threshold.
 */
export class Others {
  readonly #account = { received: 0, scored: 0, inFlight: 0 }
  readonly #dropped: Record<string, number> = {}
  readonly #failed: Record<string, number> = {}
  readonly #counts = { gaps: 0, late: 0, restarts: 0, suppressed: 0, episodes: 0, mutedEpisodes: 0 }
  readonly #conditions: SourceStatus['conditions'] = {}
  readonly #drifting: DriftStatus['drifting'] = {}
  #drift: { psi: number; factor: number } | undefined
  #state: SourceState = 'handed_over'
  #queued = 0
  #lag: number | undefined
  #lastWindowAt: number | undefined
  #worst: SourceStatus | undefined
  #open = false
  #alarmed = false

  /** @param before what it had counted before it was one of them */
  count(counts: Counts, before: Counts): void {
    const { account } = counts
    this.#account.received += account.received - before.account.received
    this.#account.scored += account.scored - before.account.scored
    this.#account.inFlight += account.inFlight - before.account.inFlight
    rise(this.#dropped, account.dropped, before.account.dropped)
    rise(this.#failed, account.failed, before.account.failed)
    this.#counts.gaps += counts.gaps - before.gaps
    this.#counts.late += counts.late - before.late
    this.#counts.restarts += counts.restarts - before.restarts
    this.#counts.suppressed += counts.suppressed - before.suppressed
    this.#counts.episodes += counts.episodes - before.episodes
    this.#counts.mutedEpisodes += (counts.mutedEpisodes ?? 0) - (before.mutedEpisodes ?? 0)
  }

  /** How one of them is now. */
  add(source: SourceStatus): void {
    const { state, conditions, queued, lag, lastWindowAt, drift, episodeOpen, muted } = source
    const isBroken = state !== 'running' && state !== 'handed_over'
    if (isBroken || this.#state === 'handed_over') this.#state = state
    Object.assign(this.#conditions, conditions)
    this.#queued += queued
    if (lag !== undefined) this.#lag = (this.#lag ?? 0) + lag
    // Of those that have ended nothing is to be expected.
    if (lastWindowAt !== undefined && state === 'running')
      this.#lastWindowAt = Math.min(this.#lastWindowAt ?? lastWindowAt, lastWindowAt)
    if (source.score !== undefined && !(ratio(source) <= ratio(this.#worst))) this.#worst = source
    this.#open ||= episodeOpen
    this.#alarmed ||= episodeOpen && !muted
    if (drift) this.#addDrift(drift)
  }

  status(name: string): SourceStatus {
    const { threshold = Number.NaN, score } = this.#worst ?? {}
    return {
      ...{ name, state: this.#state, conditions: this.#conditions, queued: this.#queued, lag: this.#lag },
      account: { ...this.#account, dropped: this.#dropped, failed: this.#failed },
      ...this.#counts,
      ...{ threshold, score, lastWindowAt: this.#lastWindowAt },
      ...{ episodeOpen: this.#open, muted: this.#open && !this.#alarmed },
      drift: this.#drift && { ...this.#drift, level: undefined, drifting: this.#drifting },
    }
  }

  #addDrift({ psi, factor, drifting }: DriftStatus): void {
    this.#drift = { psi: Math.max(this.#drift?.psi ?? psi, psi), factor: Math.max(this.#drift?.factor ?? 1, factor) }
    Object.assign(this.#drifting, definedOf(drifting))
  }
}

function rise(
  totals: Record<string, number>,
  counts: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): void {
  for (const key in counts) totals[key] = (totals[key] ?? 0) + counts[key] - (before[key] ?? 0)
}

const ratio = (source: SourceStatus | undefined): number =>
  source?.score === undefined ? Number.NEGATIVE_INFINITY : source.score / source.threshold

/** Without what is undefined, which would hide what another says. */
const definedOf = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
