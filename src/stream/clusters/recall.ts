import { z } from '../../config.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import { refusal } from '../../model/clusters/snapshot.ts'
import type { EventStore } from '../store/event-store.ts'
import { type Knowledge, NEXT, PARTS, type Part, placeOf, restoreKnowledge } from './knowledge.ts'

export type RecallStore = Pick<EventStore, 'append' | 'stateText'>

export interface Recalled {
  /** Undefined where there is nothing, or it cannot be used. */
  readonly known: Knowledge | undefined
  /** Whether the process before this one had the same model and configuration. */
  readonly wasHere: boolean
  /** The least id that no cluster in this store has had. */
  readonly next: number
  /** Why parts cannot be used. AUSCULT_STATE */
  readonly faults: readonly AuscultError[]
}

const KEYS = 'clusters/keys'
const NAMES: Record<Part, string> = { clusters: 'they', history: 'their episodes', exemplars: 'their exemplars' }
/** Models and configurations whose clusters are kept, so that one can go back to them. */
const KEPT = 4

/**
 * What an earlier process with this model and configuration left in the store. What cannot be used is put aside under `…/refused`, as
 * text, with the reason.
 * @param now ms since the epoch
 * @throws AUSCULT_STORE
 */
export async function recall(key: string, store: RecallStore, now: number): Promise<Recalled> {
  const texts = new Map<Part, string>()
  for (const part of PARTS) {
    const text = await store.stateText(placeOf(key, part))
    if (text !== undefined) texts.set(part, text)
  }
  const refused = new Map<Part, AuscultError>()
  const known = restoreKnowledge(
    part => (texts.has(part) ? JSON.parse(texts.get(part)!) : undefined),
    (part, error) => refused.set(part, faultOf(error, key, part)),
  )
  const keys = (await read(store, KEYS, z.array(z.string()))) ?? []
  await store.append([], { ...putAside(key, texts, refused, now), ...putFirst(key, keys) })
  const next = (await read(store, NEXT, z.number().int())) ?? 1
  return { known, wasHere: keys[0] === key, next, faults: [...refused.values()] }
}

async function read<T>(store: RecallStore, place: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse((await store.stateText(place)) ?? 'null'))
  } catch {
    return undefined
  }
}

/** The changes that keep the texts that were refused, and all of them where the clusters are: without these they say nothing. */
function putAside(
  key: string,
  texts: ReadonlyMap<Part, string>,
  refused: ReadonlyMap<Part, AuscultError>,
  now: number,
): Record<string, unknown> {
  if (refused.size === 0) return {}
  const parts = PARTS.filter(part => texts.has(part) && (refused.has('clusters') || refused.has(part)))
  const why = [...refused.values()].map(({ message }) => message)
  const aside = { at: now, why, texts: Object.fromEntries(parts.map(part => [part, texts.get(part)])) }
  return { ...removed(key, parts), [placeOf(key, 'refused')]: aside }
}

/** The changes that note which key was used last, and let go of the oldest. */
function putFirst(key: string, keys: readonly string[]): Record<string, unknown> {
  if (keys[0] === key) return {}
  const all = [key, ...keys.filter(other => other !== key)]
  const gone = all.slice(KEPT).map(other => removed(other, [...PARTS, 'refused']))
  return Object.assign({ [KEYS]: all.slice(0, KEPT) }, ...gone)
}

const removed = (key: string, parts: readonly (Part | 'refused')[]): Record<string, undefined> =>
  Object.fromEntries(parts.map(part => [placeOf(key, part), undefined]))

function faultOf(cause: unknown, key: string, part: Part): AuscultError {
  const isOurs = cause instanceof AuscultError
  const why = isOurs ? cause.message : refusal(`${NAMES[part]} are not whole (${messageOf(cause)})`).message
  const remedy = `Nothing has to be done. What was refused is kept in the store, under ${placeOf(key, 'refused')}.`
  return new AuscultError('AUSCULT_STATE', why, { at: placeOf(key, part), cause, remedy })
}
