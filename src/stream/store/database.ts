import { statSync } from 'node:fs'
import { AuscultError } from '../../errors.ts'
import { type EpisodeQuery, episodesSql } from './episode-query.ts'
import { type Connection, openDatabase, type Statement } from './open.ts'
import type { AuditQuery, Extent, Opened, TrimLimits, Trimmed, WriteGroup } from './protocol.ts'

/** Events that are deleted in one transaction: a few milliseconds. */
const TRIM_ROWS = 500

type Row = Record<string, string | number | null> | undefined

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
      for (const row of group.events) this.#insert(row, group.now)
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
           SELECT seq FROM events WHERE source = name.value AND seq > ?2 ORDER BY seq LIMIT ?3))
       ORDER BY seq LIMIT ?3`,
      JSON.stringify(sources),
      after,
      limit,
    )
  }

  /** Episodes in their latest state, those opened last first, as lines. */
  episodes(query: EpisodeQuery): string {
    const { sql, values } = episodesSql(query)
    return this.#lines(sql, ...values)
  }

  /** One episode as a line; empty when it is not there. */
  episode(id: string): string {
    return this.#lines('SELECT opened_seq, json FROM episodes WHERE id = ?', id)
  }

  /** Decisions, the latest first, as lines. */
  audit({ limit, before = Number.MAX_SAFE_INTEGER }: AuditQuery): string {
    return this.#lines('SELECT seq, json FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?', before, limit)
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
      this.#run("DELETE FROM episodes WHERE last_seq <= ? AND state = 'closed'", last)
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

  #insert({ eventId, type, source, text, episode }: WriteGroup['events'][number], now: number): void {
    const sql = 'INSERT INTO events (event_id, type, source, stored_at, json) VALUES (?, ?, ?, ?, ?)'
    const seq = Number(this.#run(sql, eventId, type, source, now, text).lastInsertRowid)
    if (type === 'decision') this.#run('INSERT INTO audit VALUES (?, ?, ?)', seq, now, text)
    if (!episode) return
    // Played again, an episode opens again.
    const opened = type === 'episode.opened' ? 'excluded.opened_seq' : 'opened_seq'
    this.#run(
      `INSERT INTO episodes VALUES (?1, ?2, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET
         opened_seq = ${opened}, last_seq = excluded.last_seq, state = excluded.state, json = excluded.json`,
      episode.id,
      seq,
      source,
      episode.state,
      episode.text,
    )
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

  #lines(sql: string, ...values: readonly (string | number)[]): string {
    const [number, text] = /^SELECT (\w+), (\w+)/.exec(sql.trim())!.slice(1)
    const row = this.#get(
      `SELECT group_concat(${number} || ' ' || ${text}, char(10)) AS lines FROM (${sql})`,
      ...values,
    )
    return String(row?.lines ?? '')
  }

  #get(sql: string, ...values: readonly (string | number)[]): Row {
    return this.#statement(sql).get(...values) as Row
  }

  #run(sql: string, ...values: readonly (string | number)[]) {
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
