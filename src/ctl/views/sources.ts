import type { Screen } from '../outcome.ts'
import type { InfoRow, ReadyRow, SourceRow } from '../rows.ts'
import { list, table } from '../table.ts'
import { plural, score, times } from './numbers.ts'

export function sourcesText(sources: readonly SourceRow[], { columns }: Screen): string {
  if (sources.length === 0) return 'no sources'
  const rows = sources.map(source => [
    source.name,
    source.state,
    source.score === undefined ? '–' : score(source.score),
    score(source.threshold),
    String(source.scored),
    String(lost(source)),
    source.muted_episodes ? `${source.episodes} (${source.muted_episodes} muted)` : String(source.episodes),
    driftOf(source),
    troublesOf(source),
  ])
  return table(
    [
      { title: 'SOURCE', cut: 'start' },
      { title: 'STATE' },
      { title: 'SCORE', align: 'right' },
      { title: 'THRESHOLD', align: 'right' },
      { title: 'SCORED', align: 'right' },
      { title: 'LOST', align: 'right' },
      { title: 'EPISODES' },
      { title: 'DRIFT' },
      { title: 'NOW', cut: 'end' },
    ],
    rows,
    columns,
  )
}

export function statusText(
  url: string,
  ready: ReadyRow,
  info: InfoRow,
  sources: readonly SourceRow[],
  screen: Screen,
): string {
  const states = new Map<string, number>()
  for (const { state } of sources) states.set(state, (states.get(state) ?? 0) + 1)
  const open = sources.filter(({ episode_open }) => episode_open)
  const muted = open.filter(source => source.muted).length
  const about = list([
    ['daemon', `${url}, auscult ${info.version}, ${ready.status}`],
    ['model', info.name],
    ['sources', [...states].map(([state, count]) => `${count} ${state}`).join(', ')],
    ['episodes', `${plural(open.length, 'open episode')}${muted > 0 ? `, ${muted} of them muted` : ''}`],
  ])
  const parts = Object.entries(ready.components).map(([name, { ok, reason }]) => [ok ? 'ok' : 'NOT OK', name, reason])
  const columns = [{ title: '' }, { title: 'PART' }, { title: 'REASON', cut: 'end' as const }]
  return `${about}\n\n${table(columns, parts, screen.columns)}`
}

const lost = ({ dropped, failed }: SourceRow): number =>
  [...Object.values(dropped), ...Object.values(failed)].reduce((sum, count) => sum + count, 0)

function driftOf({ drift }: SourceRow): string {
  if (!drift) return '–'
  const kinds = Object.entries(drift.drifting).flatMap(([kind, way]) => (way === undefined ? [] : [`${kind} ${way}`]))
  const absorbed = drift.factor === 1 ? [] : [`level ${times(drift.factor, 1)}`]
  return [...kinds, ...absorbed].join(', ') || 'none'
}

function troublesOf({ reason, conditions, episode_open, muted }: SourceRow): string {
  const episode = episode_open ? [muted ? 'episode (muted)' : 'EPISODE'] : []
  const others = Object.entries(conditions).map(([name, message]) => `${name}: ${message}`)
  return [...episode, ...others, ...(reason === undefined ? [] : [reason])].join('; ')
}
