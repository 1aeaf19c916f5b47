import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { inspectFile } from './inspect.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

export type Connection = Database.Database
export type Statement = Database.Statement<unknown[]>

/** How long a daemon that is just about to end may still hold the file. */
const LOCK_MS = 2000
/** What is left of the write-ahead log after it was long. */
const LOG_BYTES = 4 << 20
const CACHE_KIB = 4096

/**
 * Opens the database or makes it, for this process alone until it is closed or the process ends.
 * @param path null for one in memory
 * @throws AUSCULT_STORE, and errors of the engine or the file system
 */
export function openDatabase(path: string | null): Connection {
  if (path === null) return prepare(new Database(':memory:'))
  mkdirSync(dirname(path), { recursive: true })
  inspectFile(path)
  return prepare(new Database(path, { timeout: LOCK_MS }))
}

function prepare(connection: Connection): Connection {
  try {
    // Also spares the shared-memory file of the write-ahead log.
    connection.pragma('locking_mode = EXCLUSIVE')
    const version = read(connection, 'user_version')
    if (version < MIGRATIONS.length) migrate(connection, version)
    connection.pragma('journal_mode = WAL')
    // The log is synced at every commit; at NORMAL a power failure could take back what was acknowledged.
    connection.pragma('synchronous = FULL')
    connection.pragma('fullfsync = ON')
    connection.pragma(`journal_size_limit = ${LOG_BYTES}`)
    connection.pragma(`cache_size = -${CACHE_KIB}`)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function migrate(connection: Connection, version: number): void {
  // Takes effect in a database without tables only.
  connection.pragma('auto_vacuum = INCREMENTAL')
  const steps = MIGRATIONS.slice(version).join('\n')
  connection.exec(
    `BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; ${steps} PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`,
  )
}

function read(connection: Connection, pragma: string): number {
  const row = connection.prepare(`PRAGMA ${pragma}`).get() as Record<string, number>
  return row[pragma]
}
