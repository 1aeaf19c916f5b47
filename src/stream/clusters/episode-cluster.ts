import type { Episode, EpisodeCluster } from '../../types.ts'
import type { Knowledge } from './knowledge.ts'
import type { Winner } from './votes.ts'

/** Exemplars of an episode. */
const SHOWN = 3

/** What an episode is like, by the votes of its windows. */
export function clusterOf(
  episode: Episode,
  { cluster: id, nearest }: Winner,
  { history, births, exemplars }: Pick<Knowledge, 'history' | 'births' | 'exemplars'>,
  label: string | undefined,
  key: string,
): EpisodeCluster {
  const { distance, radius, latent } = nearest
  const { episodes, firstAt, lastAt } = history.of(id)
  const born = births.windowOf(id)
  const others = episodes - (history.has(episode) ? 1 : 0)
  const isOwn = (window: string, time: number) =>
    time >= episode.openedAt && time <= episode.lastAt && window.startsWith(`${episode.source}/`)
  const like = latent && exemplars.nearest(id, latent, SHOWN, ({ window, time }) => !isOwn(window, time))
  return {
    id,
    key,
    ...(born !== undefined && { born }),
    ...(label !== undefined && { label }),
    ...{ distance, radius },
    episodes: Math.max(0, others) + 1,
    ...(others > 0 && firstAt !== undefined && { firstAt, lastAt }),
    exemplars: like?.map(({ window }) => window) ?? episode.cluster?.exemplars ?? [],
  }
}
