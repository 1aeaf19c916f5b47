import { AuscultError, messageOf } from '../../errors.ts'

/** The code of an error of the engine or the system, for example `SQLITE_FULL`. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** What went wrong with a store, from what the engine or the file system says. */
export function storeError(cause: unknown, path: string | null): AuscultError {
  if (cause instanceof AuscultError) return cause
  const { message, remedy, canRetry = false } = explain(codeOf(cause), messageOf(cause))
  return new AuscultError('AUSCULT_STORE', message, { at: path ?? undefined, cause, remedy, canRetry })
}

export function explain(code: string, text: string): { message: string; remedy: string; canRetry?: boolean } {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    const remedy = 'Free space on the disk; what waits is written as soon as there is room.'
    return { message: 'the disk of the event store is full', remedy, canRetry: true }
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return {
      message: 'another daemon uses this event store',
      remedy: 'Stop that one, or give each its own store.path.',
    }
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    const remedy =
      'Move it away, with its -wal file, and start again: a new one is made. `sqlite3 <file> .recover` may save what the old one holds.'
    return { message: 'the event store is damaged', remedy }
  }
  const readOnly = code.startsWith('SQLITE_READONLY') || code === 'EROFS'
  // The engine's code 14 (SQLITE_CANTOPEN) is known by its text only.
  const cannotOpen = /connection to local database .*: 14\b/.test(text)
  const why = readOnly ? 'it is read-only' : cannotOpen ? 'no file can be opened or made there' : text
  return {
    message: `the event store cannot be used: ${why}`,
    remedy: 'Set store.path to a file in a folder that can be written, or to null to keep events in memory only.',
    canRetry: true,
  }
}
