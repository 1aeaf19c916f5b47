const RANGE = /^\d{1,9}$/

/** Filters that episodes know beside those of all. */
const OF_EPISODES = ['state', 'muted', 'acknowledged']
const OF_ALL = ['source', 'cluster', 'min_score']

/** What an address asks for, `#/history?show=changes&source=fan`; unknown parameters are left out. */
export function readFilters(query) {
  const filters = { show: query.get('show') === 'changes' ? 'changes' : 'episodes' }
  for (const name of [...OF_ALL, ...OF_EPISODES, 'since', 'until', 'before', 'action']) {
    const value = query.get(name)
    if (value) filters[name] = value
  }
  if (RANGE.test(query.get('last') ?? '')) filters.last = query.get('last')
  const kinds = query.getAll('kind')
  if (kinds.length > 0) filters.kind = kinds
  return filters
}

/** The part of an address behind the `?`; empty where nothing is asked for. */
export function writeFilters({ show, ...filters }) {
  const search = new URLSearchParams()
  if (show === 'changes') search.set('show', show)
  for (const [name, value] of Object.entries(filters)) {
    for (const each of Array.isArray(value) ? value : [value]) if (each) search.append(name, each)
  }
  const text = search.toString()
  return text && `?${text}`
}

/** The filters as the API has them, without the page. @param now ms since the epoch, from which the latest hours count */
export function apiQuery({ show, last, since, until, kind, ...filters }, now = Date.now()) {
  const names = show === 'changes' ? OF_ALL : [...OF_ALL, ...OF_EPISODES]
  const query = Object.fromEntries(names.map(name => [name, filters[name]]))
  if (show === 'changes') query.kind = kind
  return { ...query, since: last ? now - Number(last) * 1000 : since, until }
}

/** A time as `datetime-local` has it, in the time zone of the page; empty for none. @param text ms since the epoch */
export function toLocal(text) {
  if (!text) return ''
  const date = new Date(Number(text))
  if (Number.isNaN(date.getTime())) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** The other way. */
export function fromLocal(text) {
  const ms = new Date(text).getTime()
  return Number.isNaN(ms) ? undefined : String(ms)
}
