import { z } from '../../config.ts'
import type { Clusterer } from '../../model/clusters/clusterer.ts'
import { restoreClusterer } from '../../model/clusters/create.ts'
import { Exemplars } from '../../model/clusters/exemplars.ts'
import { refusal } from '../../model/clusters/snapshot.ts'
import type { Begun } from './beginning.ts'
import { Births } from './births.ts'
import { EpisodeHistory } from './history.ts'

const schema = z.strictObject({ clusterer: z.unknown(), births: z.unknown() })

/** All that is known of clusters. */
export interface Knowledge {
  readonly clusterer: Clusterer
  readonly births: Births
  readonly history: EpisodeHistory
  readonly exemplars: Exemplars
}

/** Parts that are stored each under a key of its own: they change at different times, and one that is damaged spoils no other. */
export const PARTS = ['clusters', 'history', 'exemplars'] as const
export type Part = (typeof PARTS)[number]

/** @param key names the model and the configuration */
export const placeOf = (key: string, part: Part | 'refused'): string =>
  part === 'clusters' ? `clusters/${key}` : `clusters/${key}/${part}`

/** Where the id is kept that the next cluster gets, whatever the model and the configuration. */
export const NEXT = 'clusters/next'

/** The values of JSON to store for some parts, by their places. */
export function saved(known: Knowledge, key: string, parts: readonly Part[]): Record<string, unknown> {
  return Object.assign({}, ...parts.map(part => savedPart(known, key, part)))
}

function savedPart({ clusterer, births, history, exemplars }: Knowledge, key: string, part: Part) {
  const place = placeOf(key, part)
  if (part === 'history') return { [place]: history.state() }
  if (part === 'exemplars') return { [place]: exemplars.snapshot() }
  const snapshot = clusterer.snapshot()
  const clusters = { clusterer: snapshot, births: births.state(snapshot.checksum) }
  return { [place]: clusters, [NEXT]: snapshot.roster.next }
}

export const knowing = ({ clusterer, exemplars }: Begun): Knowledge => ({
  ...{ clusterer, exemplars },
  ...{ births: new Births(), history: new EpisodeHistory() },
})

/**
 * What an earlier process left.
 * @param read the stored value of a part, undefined where there is none
 * @param refused is told of each part that cannot be used
 * @returns undefined when there are no clusters, or they cannot be used: the other parts are nothing without them
 */
export function restoreKnowledge(
  read: (part: Part) => unknown,
  refused: (part: Part, error: unknown) => void,
): Knowledge | undefined {
  const attempt = <T>(part: Part, restore: (raw: unknown) => T): T | undefined => {
    try {
      const raw = read(part)
      return raw === undefined ? undefined : restore(raw)
    } catch (error) {
      refused(part, error)
      return undefined
    }
  }
  const clusters = attempt('clusters', restoreClusters)
  if (!clusters) return undefined
  const history = attempt('history', EpisodeHistory.restore) ?? new EpisodeHistory()
  const exemplars = attempt('exemplars', raw => Exemplars.restore(raw)) ?? new Exemplars()
  catchUp(exemplars, clusters.clusterer)
  return { ...clusters, history, exemplars }
}

/** Exemplars are stored less often than clusters, which may have gone since. */
function catchUp(exemplars: Exemplars, clusterer: Clusterer): void {
  for (const id of exemplars.ids()) {
    const now = clusterer.resolve(id)
    if (now === undefined) exemplars.forget(id)
    else if (now !== id) exemplars.merge(id, now)
  }
}

function restoreClusters(raw: unknown): Pick<Knowledge, 'clusterer' | 'births'> {
  const state = schema.safeParse(raw)
  if (!state.success) throw refusal('they are not whole')
  const { clusterer, births } = state.data
  const { checksum } = (clusterer ?? {}) as { checksum?: string }
  return { clusterer: restoreClusterer(clusterer), births: Births.restore(births, checksum ?? '') }
}
