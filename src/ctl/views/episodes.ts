import type { Screen } from '../outcome.ts'
import { episodeRef } from '../references.ts'
import type { EpisodeRow } from '../rows.ts'
import { list, table } from '../table.ts'
import { durationText, fully, relative, shortTime } from '../time.ts'
import { ordinal, plural, score, times } from './numbers.ts'

/** What clusters are called now. Episodes keep the label of their time. */
export type Labels = ReadonlyMap<number, string | undefined>

export function episodesText(
  episodes: readonly EpisodeRow[],
  next: number | null,
  labels: Labels,
  { columns, now }: Screen,
): string {
  if (episodes.length === 0) return 'no episodes'
  const rows = episodes.map(episode => [
    episodeRef(episode),
    shortTime(episode.opened_at, now),
    relative(episode.opened_at, now),
    durationText(episode.last_at - episode.opened_at),
    episode.source,
    times(episode.peak_score, episode.threshold),
    likeText(episode, labels),
    notesText(episode),
  ])
  const lines = table(
    [
      { title: 'ID' },
      { title: 'OPENED' },
      { title: '' },
      { title: 'LASTED', align: 'right' },
      { title: 'SOURCE', cut: 'start' },
      { title: 'PEAK', align: 'right' },
      { title: 'LIKE', cut: 'end' },
      { title: 'STATE', cut: 'end' },
    ],
    rows,
    columns,
  )
  return next === null ? lines : `${lines}\nmore: --before ${next}`
}

export function episodeText(episode: EpisodeRow, { now }: Screen): string {
  const { cluster, explanation, acknowledged, muted } = episode
  return list([
    ['id', `${episodeRef(episode)}  ${episode.id}`],
    ['source', episode.source],
    ['state', episode.close_reason ? `${episode.state} (${episode.close_reason})` : episode.state],
    ['opened', fully(episode.opened_at, now)],
    ['lasted', `${durationText(episode.last_at - episode.opened_at)}, ${plural(episode.windows, 'anomalous window')}`],
    [
      'peak',
      `${score(episode.peak_score)}, ${times(episode.peak_score, episode.threshold)} the threshold ${score(episode.threshold)}`,
    ],
    ['mean', score(episode.mean_score)],
    ['where', `${episode.stream} at ${episode.offset}`],
    ['like', cluster && clusterText(cluster, now)],
    ['why', explanation && contributorsText(explanation)],
    ['seen by', acknowledged && `${acknowledged.who}, ${relative(acknowledged.at, now)}${noteOf(acknowledged.note)}`],
    ['muted', muted && `${muted.id} (${muted.reason === 'mute' ? 'mute' : 'false alarm'})`],
  ])
}

/** What contributes most to a residual: where, how much of it, and the mean of what came minus what was expected. */
export function contributorsText({
  summary,
  contributors,
}: {
  readonly summary: string
  readonly contributors: readonly { readonly label: string; readonly share: number; readonly difference: number }[]
}): string {
  const width = Math.max(0, ...contributors.map(({ label }) => label.length))
  const lines = contributors.map(({ label, share, difference }) => {
    const change = Number(Math.abs(difference).toPrecision(3))
    return `${label.padEnd(width)}  ${`${Math.round(share * 100)} %`.padStart(5)}  ${difference < 0 ? '−' : '+'}${change}`
  })
  return [summary, ...lines].join('\n')
}

function clusterText(cluster: NonNullable<EpisodeRow['cluster']>, now: number): string {
  const { id, label, distance, radius, episodes, first_at, last_at, exemplars } = cluster
  const name = label === undefined ? `cluster ${id}` : `${label} (cluster ${id})`
  const outside = distance > radius ? ', outside of it' : ''
  return [
    `${name}, distance ${score(distance)} of ${score(radius)}${outside}`,
    first_at === undefined || last_at === undefined
      ? 'the first such episode'
      : `the ${ordinal(episodes)} such episode; first ${fully(first_at, now)}, last ${fully(last_at, now)}`,
    ...exemplars.map(window => `like ${window}`),
  ].join('\n')
}

function likeText({ cluster }: EpisodeRow, labels: Labels): string {
  if (!cluster) return '–'
  const label = labels.has(cluster.id) ? labels.get(cluster.id) : cluster.label
  return `${label ?? `cluster ${cluster.id}`} (${cluster.episodes})`
}

function notesText({ state, muted, acknowledged }: EpisodeRow): string {
  const notes = [state, muted && `muted ${muted.id}`, acknowledged && `seen by ${acknowledged.who}`]
  return notes.filter(note => note !== undefined).join(', ')
}

const noteOf = (note: string | undefined) => (note === undefined ? '' : `: ${note}`)
