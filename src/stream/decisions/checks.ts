import { AuscultError } from '../../errors.ts'
import type { By } from './types.ts'

const MOST_NAME = 200
const MOST_NOTE = 2000
const LONGEST_SECONDS = 10 * 365 * 86_400

/** @throws AUSCULT_USAGE when nobody is named, or the texts are too long */
export function checkBy({ who, note }: By): By {
  const name = who.trim()
  if (name === '' || name.length > MOST_NAME)
    throw usage('who', `who decides is a name of 1 to ${MOST_NAME} characters`)
  if (note !== undefined && note.length > MOST_NOTE) throw usage('note', `a note has at most ${MOST_NOTE} characters`)
  return note === undefined || note.trim() === '' ? { who: name } : { who: name, note: note.trim() }
}

/** @throws AUSCULT_USAGE when it is empty or too long */
export function checkLabel(label: string): string {
  const text = label.trim()
  if (text === '' || text.length > MOST_NAME) throw usage('label', `a label has 1 to ${MOST_NAME} characters`)
  return text
}

/** When a mute that begins now ends, ms since the epoch. @throws AUSCULT_USAGE */
export function endOf(now: number, seconds: number | null): number | null {
  if (seconds === null) return null
  if (seconds > 0 && seconds <= LONGEST_SECONDS) return now + seconds * 1000
  throw usage('seconds', 'a mute lasts more than 0 seconds and at most 10 years; null: until it is ended')
}

const usage = (at: string, message: string) => new AuscultError('AUSCULT_USAGE', message, { at })
