import { AuscultError } from '../../errors.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Calibrations, Refused } from './calibrations.ts'
import type { MuteBook } from './mute-book.ts'
import { type Publish, type Register, STATE } from './register.ts'
import type { Standards } from './standards.ts'
import { readState, undecided } from './state.ts'

/** Counts of the mutes. They change with every episode that is muted, and are kept apart from what people decide. */
export const COUNTS = 'decisions/counts'
const REFUSED = 'decisions/refused'

export interface Restored {
  readonly store: Pick<EventStore, 'state' | 'states' | 'last'>
  readonly publish: Publish
  readonly register: Register
  readonly book: MuteBook
  readonly calibrations: Calibrations
  readonly standards: Standards
}

/**
 * Takes up what was decided before. What is damaged is put aside in the store, and is not in force.
 * @returns what is not in force @throws AUSCULT_STORE
 */
export async function restore(parts: Restored): Promise<AuscultError[]> {
  const { store, publish, register, book, calibrations, standards } = parts
  const refused = [...(await restoreState(store, register)), ...(await guarded(STATE, () => calibrations.load()))]
  const { thresholds, mutes } = register.state
  book.restore((await read(store, COUNTS)).raw, mutes)
  const aside = refused.flatMap(({ key, raw }) =>
    raw === undefined ? [] : [[key === STATE ? REFUSED : `${REFUSED}/${key}`, raw] as const, [key, undefined] as const],
  )
  await publish([], Object.fromEntries(aside))
  return [...refused.map(({ error }) => error), ...standards.refuse(thresholds), ...unusable(parts)]
}

async function restoreState(store: Restored['store'], register: Register): Promise<Refused[]> {
  const { raw, error } = await read(store, STATE)
  if (error) return refuse(error)
  if (raw === undefined) return []
  try {
    register.restore(readState(raw))
    return []
  } catch (error) {
    return refuse(error as AuscultError, raw)
  }

  function refuse(error: AuscultError, raw?: unknown): Refused[] {
    // Numbers that were given before are not given again.
    register.restore(undecided(store.last + 1))
    return [{ key: STATE, raw, error }]
  }
}

/** Calibrations that do not allow the policy that is configured now. */
function unusable({ calibrations, standards, register }: Restored): AuscultError[] {
  return calibrations.sources.flatMap(source => {
    try {
      standards.threshold(register.state.thresholds, source)
      return []
    } catch (error) {
      calibrations.drop(source)
      return [error as AuscultError]
    }
  })
}

/** A value of the state; with the error when it is not even JSON. */
async function read(store: Restored['store'], key: string): Promise<{ raw?: unknown; error?: AuscultError }> {
  try {
    return { raw: await store.state(key) }
  } catch (error) {
    if (error instanceof AuscultError && error.code === 'AUSCULT_STATE') return { error }
    throw error
  }
}

async function guarded(key: string, load: () => Promise<Refused[]>): Promise<Refused[]> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof AuscultError && error.code === 'AUSCULT_STATE') return [{ key, raw: undefined, error }]
    throw error
  }
}
