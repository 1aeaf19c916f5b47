import type { Update } from '../../model/clusters/clusterer.ts'
import type { ClusterEvent, Score } from '../../types.ts'
import type { Knowledge } from './knowledge.ts'

/** What a window changed among the clusters, besides their places. */
export interface Changes {
  /** Of clusters that others know of. */
  readonly events: readonly ClusterEvent[]
  /** Clusters came, went, or are known now. */
  readonly any: boolean
}

const NOTHING: Changes = { events: [], any: false }

/** Carries over what an update did to everything that goes by ids, and says what others are to hear of it. */
export function follow(
  update: Update,
  score: Score,
  { births, history, exemplars }: Knowledge,
  labelOf: (id: number) => string | undefined,
): Changes {
  const { id, isNew, merged, split, forgotten } = update
  if (!isNew && merged.length + split.length + forgotten.length === 0) {
    return births.see(id, score.anomalous) ? { events: [eventOf('born', id)], any: true } : NOTHING
  }
  const events: ClusterEvent[] = []
  for (const { from, into } of split) {
    births.begin(into, score.id, births.isKnown(from))
    if (births.isKnown(from)) events.push(eventOf('split', from, into))
  }
  for (const gone of forgotten) {
    if (births.isKnown(gone)) events.push(eventOf('forgotten', gone))
    for (const part of [births, history, exemplars]) part.forget(gone)
  }
  if (isNew) births.begin(id, score.id)
  for (const { from, into } of merged) {
    if (births.isKnown(from)) {
      if (births.make(into)) events.push(eventOf('born', into))
      events.push(eventOf('merged', from, into))
    }
    for (const part of [births, history, exemplars]) part.merge(from, into)
  }
  if (births.see(id, score.anomalous)) events.push(eventOf('born', id))
  return { events, any: true }

  function eventOf(what: 'born' | 'merged' | 'split' | 'forgotten', cluster: number, into?: number): ClusterEvent {
    const detail = what === 'born' && cluster === id ? '' : `/${what === 'split' ? into : cluster}`
    const label = labelOf(cluster)
    return {
      type: `cluster.${what}`,
      eventId: `${score.id}/cluster.${what}${detail}`,
      source: score.source,
      window: score.id,
      time: score.time,
      cluster,
      ...(into !== undefined && { into }),
      ...(label !== undefined && { label }),
    }
  }
}
