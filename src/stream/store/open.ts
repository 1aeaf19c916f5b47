import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { inspectFile } from './inspect.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

export type Connection = Database.Database
export type Statement = Database.Statement<unknown[]>

/** How long a daemon that is just about to end may still hold the file. */
const LOCK_MS = 2000

/**
 * `synchronous = FULL` syncs the write-ahead log at every commit: at NORMAL, which is usual with it, a power failure could take back what
 * was acknowledged. `fullfsync` does on macOS what fsync does elsewhere. The log is cut to 4 MiB after it was longer; the cache is as large.
 */
const SETTINGS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA journal_size_limit = ${4 << 20};
  PRAGMA cache_size = -4096;`

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
    connection.exec('PRAGMA locking_mode = EXCLUSIVE')
    const version = connection.prepare('PRAGMA user_version').get() as { user_version: number }
    migrate(connection, version.user_version)
    connection.exec(SETTINGS)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function migrate(connection: Connection, version: number): void {
  const steps = MIGRATIONS.slice(version)
  if (steps.length === 0) return
  // Takes effect in a database without tables only.
  connection.exec('PRAGMA auto_vacuum = INCREMENTAL')
  const header = `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length};`
  connection.exec(`BEGIN IMMEDIATE; ${header} ${steps.join('\n')} COMMIT`)
}
