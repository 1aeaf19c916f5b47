import type { EpisodeState } from '../../types.ts'

/** Which episodes are wanted: those that fit everything that is given. */
export interface EpisodeQuery {
  readonly limit: number
  /** Only episodes whose `seq` is below this. */
  readonly before?: number
  readonly source?: string
  readonly state?: EpisodeState
  /** Id of the cluster that they belong to. */
  readonly cluster?: number
  readonly muted?: boolean
  readonly acknowledged?: boolean
  /** Opened at this time or later, and before that; ms since the epoch of the feed. */
  readonly since?: number
  readonly until?: number
  /** Least peak score. */
  readonly minScore?: number
}

const CONDITIONS: Record<Exclude<keyof EpisodeQuery, 'limit'>, string> = {
  before: 'opened_seq < ?',
  source: 'source = ?',
  state: 'state = ?',
  cluster: 'cluster = ?',
  muted: 'muted = ?',
  acknowledged: 'acknowledged = ?',
  since: 'opened_at >= ?',
  until: 'opened_at < ?',
  minScore: 'peak_score >= ?',
}

/** The query as SQL over the table of episodes, and its values. */
export function episodesSql(query: EpisodeQuery): { sql: string; values: (string | number)[] } {
  const given = Object.entries(CONDITIONS).flatMap(([name, condition]) => {
    const value = query[name as keyof EpisodeQuery]
    return value === undefined ? [] : [{ condition, value: typeof value === 'boolean' ? Number(value) : value }]
  })
  const where = given.length > 0 ? `WHERE ${given.map(({ condition }) => condition).join(' AND ')}` : ''
  return {
    sql: `SELECT opened_seq, json FROM episodes ${where} ORDER BY opened_seq DESC LIMIT ?`,
    values: [...given.map(({ value }) => value), query.limit],
  }
}
