import type { Screen } from '../outcome.ts'
import type { EpisodeRow, MuteRow } from '../rows.ts'
import { table } from '../table.ts'
import { relative, shortTime } from '../time.ts'
import { plural } from './numbers.ts'

export function mutesText(mutes: readonly MuteRow[], { columns, now }: Screen): string {
  if (mutes.length === 0) return 'nothing is muted'
  const rows = mutes.map(mute => [
    mute.id,
    meantBy(mute),
    mute.dormant ? 'its bundle' : mute.until === null ? 'it is ended' : shortTime(mute.until, now),
    String(mute.episodes),
    mute.last_at === undefined ? '–' : relative(mute.last_at, now),
    mute.who,
    relative(mute.at, now),
    mute.note ?? '',
  ])
  return table(
    [
      { title: 'ID' },
      { title: 'MUTES', cut: 'end' },
      { title: 'UNTIL' },
      { title: 'MUTED', align: 'right' },
      { title: 'LATEST' },
      { title: 'BY', cut: 'end' },
      { title: 'SINCE' },
      { title: 'NOTE', cut: 'end' },
    ],
    rows,
    columns,
  )
}

/** What a mute is for: `source mic`, `cluster 3`, `like cluster 3`. */
export function meantBy({ reason, source, cluster }: Pick<MuteRow, 'reason' | 'source' | 'cluster'>): string {
  if (cluster === undefined) return `source ${source}`
  const like = reason === 'false_alarm' ? `like cluster ${cluster}` : `cluster ${cluster}`
  return source === undefined ? like : `${like} in ${source}`
}

export function mutedText(mute: MuteRow, { now }: Screen): string {
  const what = mute.reason === 'false_alarm' ? `what is ${meantBy(mute)}` : meantBy(mute)
  return `${mute.id} mutes ${what}, ${untilText(mute, now)}`
}

/** Says also what else is like the episode, since that is muted from now on. */
export function falseAlarmText({ id, cluster }: EpisodeRow, mute: MuteRow, screen: Screen): string {
  const others = (cluster?.episodes ?? 1) - 1
  const hint = `${plural(others, 'other episode')} of it so far: auscult ctl episodes --cluster ${mute.cluster}`
  const lines = [`${id} was a false alarm`, mutedText(mute, screen), ...(others > 0 ? [hint] : [])]
  return lines.join('\n')
}

export const unmutedText = (mute: MuteRow): string =>
  `${mute.id} is over: ${meantBy(mute)}, ${plural(mute.episodes, 'episode')} muted`

function untilText({ until }: MuteRow, now: number): string {
  return until === null ? 'until it is ended' : `until ${shortTime(until, now)} (${relative(until, now)})`
}
