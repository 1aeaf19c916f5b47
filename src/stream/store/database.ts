import { statSync } from 'node:fs'
import { AuscultError } from '../../errors.ts'
import type { EventQuery } from './event-query.ts'
import { type Connection, openDatabase, type Statement } from './open.ts'
import type { EventRow, Extent, Found, Opened, TrimLimits, Trimmed, WriteGroup } from './protocol.ts'
import { auditSql, episodesSql, eventsSql, isOldestFirst, type Searches, type SearchSql, zonesSql } from './search.ts'
import { blockOf, type Range, rangesOf, zonesOf } from './zones.ts'

/** Events that are deleted in one transaction: a few milliseconds. */
const TRIM_ROWS = 500
/** So long a search may keep writers waiting; the rest of it is another call. */
const SEARCH_MS = 8
/** Events behind the last one of an episode, among which decisions about it may be. */
const DECISIONS_WITHIN = 16

type Value = string | number | null
type Row = Record<string, Value> | undefined

/**
 * Events, episodes, decisions, cursors and state on the disk. Methods throw AUSCULT_STORE, or the engine's own errors. Everything here blocks the thread until the disk has it.
 * Lists come as lines of text, `number JSON`: one value from the engine, whatever the number of rows, and no object of its own for the
 * collector to finalize.
 */
export class EventDatabase {
  readonly #path: string | null
  readonly #connection: Connection
  readonly #statements = new Map<string, Statement>()
  readonly #inode: bigint | undefined

  /** @param taken numbers up to this one are not given again */
  constructor(path: string | null, taken: number) {
    this.#path = path
    this.#connection = openDatabase(path)
    this.#inode = inodeOf(path)
    if (taken > this.#last()) this.#run("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'", taken)
  }

  /** Whether the file is no longer where it was: what is written to it would be lost. */
  get gone(): boolean {
    return this.#inode !== undefined && inodeOf(this.#path) !== this.#inode
  }

  opened(): Opened {
    const open = this.#lines("SELECT opened_seq, json FROM episodes WHERE state = 'open' ORDER BY opened_seq")
    return { ...this.#extent(), id: String(this.#get('SELECT id FROM meta')!.id), open }
  }

  /** All of the group, or nothing. The numbers of its events are the last ones up to `last`. */
  write(group: WriteGroup): Extent {
    if (this.gone) throw goneError(this.#path)
    return this.#transaction(() => {
      this.#mark(group.events.map(row => this.#insert(row, group.now)))
      for (const [key, json] of group.state) {
        if (json === null) this.#run('DELETE FROM state WHERE key = ?', key)
        else
          this.#run('INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json', key, json)
      }
      for (const [name, seq] of group.cursors) {
        this.#run('INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq', name, seq)
      }
    })
  }

  /** Events after a number, in order, as lines. */
  page(after: number, limit: number, sources?: readonly string[]): string {
    if (!sources) return this.#lines('SELECT seq, json FROM events WHERE seq > ? ORDER BY seq LIMIT ?', after, limit)
    // As many as are wanted of each source, from the index; then the first of all.
    return this.#lines(
      `SELECT seq, json FROM events WHERE seq IN (
         SELECT wanted.seq FROM json_each(?1) AS name JOIN events AS wanted ON wanted.seq IN (
           SELECT seq FROM entries WHERE source = name.value AND seq > ?2 ORDER BY seq LIMIT ?3))
       ORDER BY seq LIMIT ?3`,
      JSON.stringify(sources),
      after,
      limit,
    )
  }

  /**
   * What fits the query, as lines in the order that it asks for, until there are `limit` of them or it has taken so long that writers
   * would wait.
   */
  search<K extends keyof Searches>(what: K, query: Searches[K]): Found {
    const { after = 0, before = Number.MAX_SAFE_INTEGER } = query
    const range: Range = [after + 1, Math.min(before - 1, this.#last())]
    if (what === 'audit') return this.#collect(auditSql(query), [range], query)
    if (what === 'episodes') return this.#collect(episodesSql(query), this.#ranges(query, range, false), query)
    const { episode } = query as EventQuery
    if (episode === undefined) return this.#collect(eventsSql(query), this.#ranges(query, range, true), query)
    const found = this.#get('SELECT source, opened_seq, last_seq FROM episodes WHERE id = ?', episode)
    if (!found) return { lines: '', rest: null }
    const [first, last] = [Number(found.opened_seq), Number(found.last_seq) + DECISIONS_WITHIN]
    const own: Range = [Math.max(range[0], first), Math.min(range[1], last)]
    // A false alarm is about all sources.
    const about: EventQuery = { kinds: ['episode', 'decision'], sources: [String(found.source), ''], ...query }
    return this.#collect(eventsSql(about), this.#ranges(query, own, true, 1), query)
  }

  /** One episode as a line; empty when it is not there. */
  episode(id: string): string {
    return this.#lines('SELECT opened_seq, json FROM episodes WHERE id = ?', id)
  }

  cursor(name: string): number | undefined {
    return this.#get('SELECT seq FROM cursors WHERE name = ?', name)?.seq as number | undefined
  }

  state(key: string): string | undefined {
    return this.#get('SELECT json FROM state WHERE key = ?', key)?.json as string | undefined
  }

  /** Keys that begin so, with their JSON: an array of pairs, as JSON. */
  states(prefix: string): string {
    const sql = `SELECT json_group_array(json_array(key, json)) AS pairs FROM state
      WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1`
    return String(this.#get(sql, prefix)!.pairs)
  }

  /** Deletes some of what is too old or too much, and gives the room back to the file system. */
  trim({ before, bytes }: TrimLimits): Trimmed {
    const oldest = `SELECT seq, stored_at FROM events ORDER BY seq LIMIT ${TRIM_ROWS}`
    const tooMuch = bytes !== null && this.#extent().bytes > bytes
    const found = tooMuch
      ? this.#get(`SELECT max(seq) AS seq FROM (${oldest})`)
      : this.#get(`SELECT max(seq) AS seq FROM (${oldest}) WHERE stored_at < ?`, before ?? 0)
    const last = found?.seq as number | null | undefined
    if (last === null || last === undefined) return { ...this.#extent(), deleted: 0, more: false, overtaken: [] }
    let deleted = 0
    const extent = this.#transaction(() => {
      deleted = this.#run('DELETE FROM events WHERE seq <= ?', last).changes
      this.#run('DELETE FROM entries WHERE seq <= ?', last)
      this.#run("DELETE FROM episodes WHERE last_seq <= ? AND state = 'closed'", last)
      this.#run(
        'DELETE FROM zones WHERE block < (SELECT min(?, coalesce(min(opened_seq), ?)) FROM episodes) >> 10',
        last,
        last,
      )
      this.#connection.exec('PRAGMA incremental_vacuum')
    })
    const behind = this.#lines('SELECT seq, name FROM cursors WHERE seq < ?', last)
    const overtaken = behind === '' ? [] : behind.split('\n').map(line => line.slice(line.indexOf(' ') + 1))
    return { ...extent, deleted, more: true, overtaken }
  }

  /** Leaves one file behind. The engine lets go of its locks when the thread has ended, and not before. */
  close(): void {
    try {
      this.#connection.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // A full disk: the log stays, and is taken up at the next start.
    }
    this.#connection.close()
  }

  /** Says what the zone of the event is to cover. */
  #insert(row: EventRow, now: number) {
    const { eventId, type, kind, source, time, score, cluster, text, episode, action } = row
    const sql = 'INSERT INTO events (event_id, type, source, stored_at, json) VALUES (?, ?, ?, ?, ?)'
    const seq = Number(this.#run(sql, eventId, type, source, now, text).lastInsertRowid)
    this.#run('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)', seq, kind, source, time, score, cluster)
    if (action !== undefined)
      this.#run('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)', seq, now, text, time, action, source)
    if (!episode) return { seq, row, times: [] }
    const { id, state, openedAt, peakScore, muted, acknowledged } = episode
    // Played again, an episode opens again.
    const opened = type === 'episode.opened' ? 'excluded.opened_seq' : 'opened_seq'
    const stored = this.#get(
      `INSERT INTO episodes VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET
         opened_seq = ${opened}, last_seq = excluded.last_seq, state = excluded.state, opened_at = excluded.opened_at,
         peak_score = excluded.peak_score, cluster = excluded.cluster, muted = excluded.muted,
         acknowledged = excluded.acknowledged, json = excluded.json
       RETURNING opened_seq`,
      ...[id, seq, source, state, openedAt, peakScore, episode.cluster, muted, acknowledged, episode.text],
    )
    return { seq, row, times: stored!.opened_seq === seq ? [openedAt] : [] }
  }

  #mark(inserted: Parameters<typeof zonesOf>[0]): void {
    for (const { block, low, high, score } of zonesOf(inserted)) {
      this.#run(
        `INSERT INTO zones VALUES (?, ?, ?, ?) ON CONFLICT (block) DO UPDATE SET low = min(low, excluded.low),
           high = max(high, excluded.high), score = coalesce(max(score, excluded.score), score, excluded.score)`,
        ...[block, low, high, score],
      )
    }
  }

  /** Ranges of numbers in which there may be something. */
  #ranges(query: EventQuery, [first, last]: Range, hasScores: boolean, mostBlocks?: number): Range[] {
    const { sql, values } = zonesSql(query, hasScores)
    return rangesOf(this.#column(sql, ...values, blockOf(first), blockOf(last)), [first, last], mostBlocks)
  }

  #collect({ sql, values }: SearchSql, ranges: readonly Range[], query: EventQuery): Found {
    const until = performance.now() + SEARCH_MS
    const lines: string[] = []
    let wanted = query.limit
    for (const [index, [first, last]] of ranges.entries()) {
      const found = this.#lines(sql, ...values, first, last, wanted)
      if (found !== '') {
        const more = found.split('\n')
        lines.push(found)
        wanted -= more.length
        if (wanted <= 0) return { lines: lines.join('\n'), rest: Number.parseInt(more.at(-1)!, 10) }
      }
      const isLast = index === ranges.length - 1
      if (!isLast && performance.now() > until) {
        return { lines: lines.join('\n'), rest: isOldestFirst(query) ? last : first }
      }
    }
    return { lines: lines.join('\n'), rest: null }
  }

  #transaction(work: () => void): Extent {
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
      work()
      const extent = this.#extent()
      this.#connection.exec('COMMIT')
      return extent
    } catch (error) {
      // A full disk rolls back by itself.
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
      throw error
    }
  }

  #extent(): Extent {
    const last = this.#last()
    const first = this.#get('SELECT min(seq) AS seq FROM events')!.seq as number | null
    const pages = Number(this.#get('PRAGMA page_count')!.page_count)
    const free = Number(this.#get('PRAGMA freelist_count')!.freelist_count)
    const size = Number(this.#get('PRAGMA page_size')!.page_size)
    return { first: first ?? last + 1, last, bytes: (pages - free) * size }
  }

  #last(): number {
    return Number(this.#get("SELECT seq FROM sqlite_sequence WHERE name = 'events'")!.seq)
  }

  #lines(sql: string, ...values: readonly Value[]): string {
    const [number, text] = /^SELECT (\w+), (\w+)/.exec(sql.trim())!.slice(1)
    const row = this.#get(
      `SELECT group_concat(${number} || ' ' || ${text}, char(10)) AS lines FROM (${sql})`,
      ...values,
    )
    return String(row?.lines ?? '')
  }

  /** The only column of whole numbers. */
  #column(sql: string, ...values: readonly Value[]): number[] {
    const name = /^SELECT (\w+)/.exec(sql)![1]
    const row = this.#get(`SELECT group_concat(${name}) AS numbers FROM (${sql})`, ...values)
    return row?.numbers ? String(row.numbers).split(',').map(Number) : []
  }

  #get(sql: string, ...values: readonly Value[]): Row {
    return this.#statement(sql).get(...values) as Row
  }

  #run(sql: string, ...values: readonly Value[]) {
    return this.#statement(sql).run(...values)
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

function goneError(path: string | null): AuscultError {
  return new AuscultError('AUSCULT_STORE', 'the file of the event store has been deleted or replaced', {
    at: path ?? undefined,
    remedy: 'A new one is made; what the old one held can be had only from a copy.',
    canRetry: true,
  })
}

function inodeOf(path: string | null): bigint | undefined {
  return path === null ? undefined : statSync(path, { throwIfNoEntry: false, bigint: true })?.ino
}
