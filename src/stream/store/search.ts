import type { EpisodeQuery } from './episode-query.ts'
import type { AuditQuery, EventQuery, Paging } from './event-query.ts'

type Value = string | number

/** A search as SQL. The last three values are the first and the last number of a range, and the most rows. */
export interface SearchSql {
  readonly sql: string
  readonly values: readonly Value[]
}

interface Condition {
  readonly sql: string
  readonly value: Value
}

/** What may be searched: queries by the name of their table. */
export interface Searches {
  readonly events: EventQuery
  readonly episodes: EpisodeQuery
  readonly audit: AuditQuery
}

export const isOldestFirst = ({ after }: Paging): boolean => after !== undefined

/** Events by their entries, which are narrow: what does not fit costs no look at its JSON. */
export function eventsSql(query: EventQuery): SearchSql {
  const { kinds, sources, cluster, since, until, minScore, episode } = query
  const conditions = given([
    ['kind IN (SELECT value FROM json_each(?))', kinds && JSON.stringify(kinds)],
    ['source IN (SELECT value FROM json_each(?))', sources && JSON.stringify(sources)],
    ['cluster = ?', cluster],
    ['time >= ?', since],
    ['time < ?', until],
    ['score >= ?', minScore],
  ])
  const index =
    cluster !== undefined
      ? 'INDEXED BY entries_by_cluster'
      : sources
        ? 'INDEXED BY entries_by_source'
        : kinds
          ? 'INDEXED BY entries_by_kind'
          : 'NOT INDEXED'
  const order = isOldestFirst(query) ? 'ASC' : 'DESC'
  const found = `SELECT seq FROM entries ${index} ${where(conditions, 'seq')} ORDER BY seq ${order}`
  const values = conditions.map(({ value }) => value)
  if (episode === undefined) {
    return { sql: `SELECT seq, json FROM events WHERE seq IN (${found} LIMIT ?) ORDER BY seq ${order}`, values }
  }
  return {
    sql: `SELECT seq, json FROM events
      WHERE ? IN (json_extract(json, '$.episode.id'), json_extract(json, '$.episode_id')) AND seq IN (${found})
      ORDER BY seq ${order} LIMIT ?`,
    values: [episode, ...values],
  }
}

export function episodesSql(query: EpisodeQuery): SearchSql {
  const { source, state, cluster, muted, acknowledged, since, until, minScore } = query
  const conditions = given([
    ['source = ?', source],
    ['state = ?', state],
    ['cluster = ?', cluster],
    ['muted = ?', muted === undefined ? undefined : Number(muted)],
    ['acknowledged = ?', acknowledged === undefined ? undefined : Number(acknowledged)],
    ['opened_at >= ?', since],
    ['opened_at < ?', until],
    ['peak_score >= ?', minScore],
  ])
  const index =
    source !== undefined ? 'episodes_by_source' : cluster !== undefined ? 'episodes_by_cluster' : 'episodes_in_short'
  const order = isOldestFirst(query) ? 'ASC' : 'DESC'
  return {
    sql: `SELECT opened_seq, json FROM episodes WHERE opened_seq IN (
        SELECT opened_seq FROM episodes INDEXED BY ${index} ${where(conditions, 'opened_seq')}
        ORDER BY opened_seq ${order} LIMIT ?)
      ORDER BY opened_seq ${order}`,
    values: conditions.map(({ value }) => value),
  }
}

export function auditSql(query: AuditQuery): SearchSql {
  const { source, action, since, until } = query
  const conditions = given([
    ['source = ?', source],
    ['action = ?', action],
    ['time >= ?', since],
    ['time < ?', until],
  ])
  const order = isOldestFirst(query) ? 'ASC' : 'DESC'
  return {
    sql: `SELECT seq, json FROM audit WHERE seq IN (
        SELECT seq FROM audit INDEXED BY audit_in_short ${where(conditions, 'seq')} ORDER BY seq ${order} LIMIT ?)
      ORDER BY seq ${order}`,
    values: conditions.map(({ value }) => value),
  }
}

/** Blocks of numbers among which there may be something, in the order of the search. Scores are known of events only. */
export function zonesSql(query: EventQuery | EpisodeQuery, hasScores: boolean): SearchSql {
  const conditions = given([
    ['high >= ?', query.since],
    ['low < ?', query.until],
    ['score >= ?', hasScores ? query.minScore : undefined],
  ])
  return {
    sql: `SELECT block FROM zones ${where(conditions, 'block')} ORDER BY block ${isOldestFirst(query) ? 'ASC' : 'DESC'}`,
    values: conditions.map(({ value }) => value),
  }
}

const given = (conditions: readonly (readonly [sql: string, value: Value | undefined])[]): Condition[] =>
  conditions.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]))

const where = (conditions: readonly Condition[], number: string): string =>
  `WHERE ${[...conditions.map(({ sql }) => sql), `${number} BETWEEN ? AND ?`].join(' AND ')}`
