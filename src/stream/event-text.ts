import type { EpisodeJson } from './episode-json.ts'
import type { EpisodeEventJson, EventJson } from './event-json.ts'

const CONDITIONS: Readonly<Record<string, string>> = {
  down: 'no data',
  silence: 'silence',
  flat_line: 'a flat line',
  clipping: 'clipping',
  wrong_rate: 'a wrong sample rate',
}

const ENDINGS: Readonly<Record<NonNullable<EpisodeJson['close_reason']>, string>> = {
  recovered: 'is normal again',
  source_ended: 'was anomalous until its feed ended',
  source_failed: 'was anomalous until its feed broke off',
  handed_over: 'was anomalous until another daemon took it over',
  stopped: 'was anomalous until the daemon stopped',
  interrupted: 'was anomalous until the daemon was interrupted',
  absorbed: 'stays on its new level, which counts as normal now',
}

/** What happened, as one sentence for people, without the time. */
export function eventText(event: EventJson): string {
  if ('episode' in event) return episodeText(event)
  if ('condition' in event) {
    const what = CONDITIONS[event.condition] ?? event.condition
    return event.type === 'source.troubled'
      ? `${event.source} gives ${what}: ${oneLine(event.message)}`
      : `${event.source}: ${what} is over`
  }
  if ('action' in event) return decisionText(event)
  if ('psi' in event) return driftText(event)
  return clusterText(event)
}

function episodeText({ type, episode }: EpisodeEventJson): string {
  const { source, acknowledged, muted, explanation } = episode
  const known = likeText(episode)
  const why = explanation ? `; ${inside(oneLine(explanation.summary))}` : ''
  switch (type) {
    case 'episode.opened':
      return `${source} is anomalous: ${peakText(episode)}${known}`
    case 'episode.updated':
      return `${source} is still anomalous after ${lasted(episode)}: ${peakText(episode)}${known}${why}`
    case 'episode.explained':
      return `${source}: ${explanation ? oneLine(explanation.summary) : 'explained'}`
    case 'episode.acknowledged':
      return `${acknowledged?.who ?? 'somebody'} has seen the episode of ${source}${note(acknowledged?.note)}`
    case 'episode.muted':
      return muted ? `the episode of ${source} is muted (${muted.id})` : `the episode of ${source} is no longer muted`
    case 'episode.closed': {
      const ending = ENDINGS[episode.close_reason ?? 'recovered']
      return `${source} ${ending}, after ${lasted(episode)}: ${peakText(episode)}${known}${why}`
    }
  }
}

function driftText({ type, source, kind, before, after }: Extract<EventJson, { psi: unknown }>): string {
  const change = `${digits(before)} → ${digits(after)}`
  if (type === 'drift.over') return `scores of ${source} are as before again: ${change}`
  if (kind === 'absorbed') return `a new level of ${source} counts as normal now: ${change}`
  return kind === 'level'
    ? `scores of ${source} drift: ${change}`
    : `scores of ${source} are spread in another way: ${change}`
}

function clusterText({ type, source, cluster, into, label }: Extract<EventJson, { window: unknown }>): string {
  const name = label === undefined ? `cluster ${cluster}` : `${label} (cluster ${cluster})`
  switch (type) {
    case 'cluster.born':
      return `a new kind of window: ${name}, from ${source}`
    case 'cluster.merged':
      return `${name} is one with cluster ${into} now`
    case 'cluster.split':
      return `a part of ${name} is cluster ${into} now`
    case 'cluster.forgotten':
      return `${name} is forgotten`
  }
}

function decisionText({
  who,
  action,
  source,
  cluster,
  episode_id: episode,
  note: why,
}: Extract<EventJson, { action: unknown }>): string {
  const about = [
    source === '' ? undefined : source,
    cluster === undefined ? undefined : `cluster ${cluster}`,
    episode === undefined ? undefined : `episode ${episode}`,
  ].filter(part => part !== undefined)
  return `${who}: ${action.replaceAll(/[._]/g, ' ')}${about.length > 0 ? `, ${about.join(', ')}` : ''}${note(why)}`
}

function peakText({ peak_score, threshold }: EpisodeJson): string {
  const times = threshold > 0 ? `, ×${Number((peak_score / threshold).toPrecision(3))} the threshold` : ''
  return `score ${digits(peak_score)}${times}`
}

function likeText({ cluster }: EpisodeJson): string {
  return cluster ? `; like ${cluster.label ?? `cluster ${cluster.id}`} (${cluster.episodes})` : ''
}

function lasted({ opened_at, last_at }: EpisodeJson): string {
  const seconds = Math.max(0, last_at - opened_at) / 1000
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}

const digits = (value: number): string => String(Number(value.toPrecision(4)))
const note = (text: string | undefined): string => (text === undefined ? '' : `: ${oneLine(text)}`)
/** As a part of a sentence. */
const inside = (text: string): string => text.replace(/^The /, 'the ')
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
