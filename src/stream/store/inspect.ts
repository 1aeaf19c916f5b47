import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { AuscultError } from '../../errors.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'
import { storeError } from './store-error.ts'

const HEADER_BYTES = 100
const MAGIC = 'SQLite format 3\0'

/**
 * Looks at a file before the database engine does, which could write to it. A file that is absent or empty will be made into a store.
 * @throws AUSCULT_STORE when it holds something else
 */
export function inspectFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return
  if (!stats.isFile()) {
    throw refused(path, 'this is a folder, not a file', 'Set store.path to a file in it, for example events.db.')
  }
  if (stats.size === 0) return
  const header = readHeader(path)
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notADatabase(path, header)
  if (header.length < HEADER_BYTES) throw storeError(corrupt(), path)
  // A database whose making was interrupted has no application id yet, but then its version is 0 too.
  const id = header.readUInt32BE(68)
  const version = header.readUInt32BE(60)
  if (id !== APPLICATION_ID) {
    throw refused(path, 'this is a database of another program', 'Set store.path to another file.')
  }
  if (version > MIGRATIONS.length) {
    const remedy = 'Run that version again, or set store.path to another file.'
    throw refused(path, `the event store was written by a later version of Auscult (format ${version})`, remedy)
  }
  if (stats.size < pageSize(header)) throw storeError(corrupt(), path)
}

const corrupt = () => Object.assign(new Error('the file is cut off'), { code: 'SQLITE_CORRUPT' })

function notADatabase(path: string, header: Buffer): AuscultError {
  if (header.toString('latin1').startsWith('{"type":"')) {
    const remedy =
      'The store is a database now. Set store.path to a new file, for example events.db; the events of this one can be read as they are.'
    return refused(path, 'this file holds events as JSON lines, which version 0.1 wrote', remedy)
  }
  return refused(path, 'the file holds something other than events', 'Set store.path to another file.')
}

function refused(path: string, message: string, remedy: string): AuscultError {
  return new AuscultError('AUSCULT_STORE', message, { at: path, remedy: `${remedy} This one has not been touched.` })
}

/** Bytes 16 and 17; 1 stands for 65,536. */
function pageSize(header: Buffer): number {
  const size = header.readUInt16BE(16)
  return size === 1 ? 65_536 : size
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0))
  } finally {
    closeSync(file)
  }
}
