import type { DriftStatus, SourceStatus } from '../telemetry.ts'

/** What a source has counted since the start. */
export type Counts = Pick<
  SourceStatus,
  'account' | 'gaps' | 'late' | 'restarts' | 'suppressed' | 'episodes' | 'mutedEpisodes'
>

export const NOTHING: Counts = {
  account: { received: 0, scored: 0, dropped: {}, failed: {}, inFlight: 0 },
  ...{ gaps: 0, late: 0, restarts: 0, suppressed: 0, episodes: 0, mutedEpisodes: 0 },
}

/** A source that is one of many, with what it had counted before. */
export interface Counted {
  readonly source: SourceStatus
  readonly before: Counts
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
 * @param present those of them that are not gone
 */
export function together(name: string, counted: readonly Counted[], present: readonly SourceStatus[]): SourceStatus {
  const rise = (of: (counts: Counts) => number) =>
    counted.reduce((sum, { source, before }) => sum + of(source) - of(before), 0)
  const worst = largest(present, ({ score = Number.NEGATIVE_INFINITY, threshold }) => score / threshold)
  const broken = present.find(({ state }) => state !== 'running' && state !== 'handed_over')
  const times = present.flatMap(({ state, lastWindowAt }) => (state === 'running' ? (lastWindowAt ?? []) : []))
  const lags = present.flatMap(({ lag }) => lag ?? [])
  const drifts = present.flatMap(({ drift }) => drift ?? [])
  const alarmed = present.some(({ episodeOpen, muted }) => episodeOpen && !muted)
  return {
    name,
    state: broken?.state ?? (present.some(({ state }) => state === 'running') ? 'running' : 'handed_over'),
    conditions: Object.assign({}, ...present.map(({ conditions }) => conditions)),
    account: {
      received: rise(({ account }) => account.received),
      scored: rise(({ account }) => account.scored),
      dropped: riseBy(counted, ({ account }) => account.dropped),
      failed: riseBy(counted, ({ account }) => account.failed),
      inFlight: rise(({ account }) => account.inFlight),
    },
    queued: sum(present.map(({ queued }) => queued)),
    threshold: worst?.threshold ?? Number.NaN,
    score: worst?.score,
    episodeOpen: present.some(({ episodeOpen }) => episodeOpen),
    muted: !alarmed && present.some(({ muted }) => muted),
    gaps: rise(({ gaps }) => gaps),
    late: rise(({ late }) => late),
    restarts: rise(({ restarts }) => restarts),
    suppressed: rise(({ suppressed }) => suppressed),
    episodes: rise(({ episodes }) => episodes),
    mutedEpisodes: rise(({ mutedEpisodes = 0 }) => mutedEpisodes),
    lag: lags.length > 0 ? sum(lags) : undefined,
    // The one that has been silent for longest.
    lastWindowAt: largest(times, time => -time),
    drift: drifts.length > 0 ? largestDrift(drifts) : undefined,
  }
}

function riseBy(counted: readonly Counted[], of: (counts: Counts) => Readonly<Record<string, number>>) {
  const totals: Record<string, number> = {}
  for (const { source, before } of counted) {
    const base = of(before)
    for (const [key, n] of Object.entries(of(source))) totals[key] = (totals[key] ?? 0) + n - (base[key] ?? 0)
  }
  return totals
}

function largestDrift(drifts: readonly DriftStatus[]): DriftStatus {
  return {
    psi: drifts.reduce((most, { psi }) => Math.max(most, psi), 0),
    level: undefined,
    factor: drifts.reduce((most, { factor }) => Math.max(most, factor), 1),
    drifting: Object.assign({}, ...drifts.map(({ drifting }) => defined(drifting))),
  }
}

/** Without what is undefined, which would hide what another says. */
const defined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const sum = (values: readonly number[]): number => values.reduce((total, n) => total + n, 0)

function largest<T>(values: readonly T[], of: (value: T) => number): T | undefined {
  return values.length > 0 ? values.reduce((a, b) => (of(b) > of(a) ? b : a)) : undefined
}
