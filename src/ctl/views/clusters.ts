import type { Screen } from '../outcome.ts'
import type { ClusterRow, EpisodeRow } from '../rows.ts'
import { list, table } from '../table.ts'
import { fully, relative } from '../time.ts'
import { episodesText } from './episodes.ts'
import { score } from './numbers.ts'

export function clustersText(clusters: readonly ClusterRow[], next: number | null, { columns, now }: Screen): string {
  if (clusters.length === 0) return 'no clusters'
  const rows = clusters.map(cluster => [
    String(cluster.id),
    cluster.label ?? '',
    cluster.born === undefined ? 'training' : 'while running',
    String(cluster.windows),
    cluster.last_at === undefined ? '–' : relative(cluster.last_at, now),
    String(cluster.episodes),
    cluster.last_episode_at === undefined ? '–' : relative(cluster.last_episode_at, now),
  ])
  const lines = table(
    [
      { title: 'ID', align: 'right' },
      { title: 'LABEL', cut: 'end' },
      { title: 'FROM' },
      { title: 'WINDOWS', align: 'right' },
      { title: 'SEEN' },
      { title: 'EPISODES', align: 'right' },
      { title: 'LATEST' },
    ],
    rows,
    columns,
  )
  return next === null ? lines : `${lines}\nmore: --after ${next}`
}

export function clusterText(cluster: ClusterRow, episodes: readonly EpisodeRow[], screen: Screen): string {
  const { now } = screen
  const at = (time: number | undefined) => (time === undefined ? undefined : fully(time, now))
  const about = list([
    ['cluster', String(cluster.id)],
    ['label', cluster.label],
    ['from', cluster.born === undefined ? 'training' : cluster.born],
    ['windows', String(cluster.windows)],
    ['radius', score(cluster.radius)],
    ['first', at(cluster.first_at)],
    ['latest', at(cluster.last_at)],
    ['episodes', String(cluster.episodes)],
    ['like', cluster.exemplars.join('\n')],
  ])
  return episodes.length === 0
    ? about
    : `${about}\n\n${episodesText(episodes, null, new Map([[cluster.id, cluster.label]]), screen)}`
}
