import { duration, moment } from '../app/format.js'

const ENDINGS = {
  recovered: 'scores fell back below the threshold',
  source_ended: 'the feed ended',
  source_failed: 'the feed failed',
  handed_over: 'another daemon took the source over',
  stopped: 'the daemon was stopped',
  interrupted: 'the daemon was interrupted',
  absorbed: 'the new level lasted, and counts as normal now',
}

const SHORT = {
  source_ended: 'source ended',
  source_failed: 'source failed',
  handed_over: 'handed over',
  stopped: 'daemon stopped',
  interrupted: 'interrupted',
  absorbed: 'new normal',
}

export const episodeHref = id => `#/episode/${encodeURIComponent(id)}`

export const sourceHref = name => `#/source/${encodeURIComponent(name)}`

/** `open`, `closed`, or why it was closed where that is not because it recovered. */
export const stateText = ({ state, close_reason: reason }) => (state === 'open' ? 'open' : (SHORT[reason] ?? 'closed'))

/** Why an episode is over, as the end of a sentence. */
export const endingText = reason => ENDINGS[reason] ?? 'it was closed'

/** `3 windows` */
export const plural = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

export function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14
  const ending = teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${n.toLocaleString('en')}${ending}`
}

/** `just now`, `5 min ago`, `in 2 h`. */
export function relative(ms, now = Date.now()) {
  const away = now - ms
  const text = long(Math.abs(away) / 1000)
  if (Math.abs(away) < 5000) return 'just now'
  return away > 0 ? `${text} ago` : `in ${text}`
}

/** `45 s`, `5 min`, `8 h`, `3 days`. */
export function long(seconds) {
  if (seconds < 59.5) return `${Math.round(seconds)} s`
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`
  if (seconds < 84_600) return `${Math.round(seconds / 3600)} h`
  return plural(Math.round(seconds / 86_400), 'day')
}

/** Seconds that an episode has lasted. @param head time of the newest score of its source, ms: how far an open one has come */
export function lasted({ opened_at: from, closed_at: closed, last_at: last }, head = 0) {
  return Math.max(0, (closed ?? Math.max(last, head)) - from) / 1000
}

/** Whether this was told late: it is closed already. The same input that is read again opens it anew, at another time. */
export const isStale = (episode, known) =>
  known?.state === 'closed' && episode.state === 'open' && episode.opened_at === known.opened_at

/** End of the newest window of a source, ms; 0 where none was seen. */
export function headOf(state, source) {
  const last = state.sources.get(source)?.last
  return last ? last.time + last.duration * 1000 : 0
}

/** Where in its recording something lies: `feed.wav, 2:00 from its start`. */
export function placeText({ stream, offset }, sampleRate) {
  const name = stream.split('/').at(-1) || stream
  if (sampleRate) return `${name}, ${duration(offset / sampleRate)} from its start`
  return `${name}, at ${offset.toLocaleString('en')}`
}

/** Until when a mute holds. */
export const untilText = ({ until, dormant }) => {
  if (dormant) return 'waits for the bundle that it belongs to'
  return until === null ? 'until somebody ends it' : `until ${moment(until)} (${relative(until)})`
}

/** What a mute is for: `fan`, `cluster 3`, `what is like belt squeal, in fan`. @param nameOf says what a cluster is called */
export function meantBy({ reason, source, cluster }, nameOf) {
  if (cluster === undefined) return source ?? 'all sources'
  const like = reason === 'false_alarm' ? `what is like ${nameOf(cluster)}` : nameOf(cluster)
  return source === undefined ? like : `${like}, in ${source}`
}
