import { AuscultError } from '../errors.ts'
import { RECORDERS } from '../ingest/microphone/config.ts'
import { findRecorder } from '../ingest/microphone/find-recorder.ts'
import { type Check, missing, ok } from './check.ts'
import type { Needs } from './needs.ts'

/** Programs that record sound. `auto` needs any of them. @param path folders to look in */
export function checkRecorders(wanted: Needs['recorders'], path = process.env.PATH ?? ''): Check[] {
  const looked = RECORDERS.map(name => ({ name, ...find(name, path) }))
  const hasAny = looked.some(({ reason }) => reason === undefined)
  return looked.map(({ name, reason, remedy }) => {
    if (reason === undefined) return ok(name, 'installed')
    return missing(name, wanted.includes(name) || (wanted.includes('auto') && !hasAny), reason, remedy)
  })
}

function find(name: (typeof RECORDERS)[number], path: string): { reason?: string; remedy?: string } {
  try {
    findRecorder(name, path)
    return {}
  } catch (error) {
    if (!(error instanceof AuscultError)) throw error
    return { reason: error.message.replace(/^\w+ is /, ''), remedy: error.remedy }
  }
}
