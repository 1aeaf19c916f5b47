import { Connection } from './connection.js'
import { byId, setText } from './dom.js'
import { EpisodeList } from './episode-list.js'
import { count, duration, number } from './format.js'
import { approach } from './scale.js'
import { SourceCard } from './source-card.js'
import { State } from './state.js'

const state = new State()
const cards = new Map()
const list = new EpisodeList(byId('episode-list'))
const calm = matchMedia('(prefers-reduced-motion: reduce)')
const view = { span: 120, head: 0, paused: false, drawnAt: 0, changed: true, sampleRate: undefined }
const link = { state: 'connecting', retryAt: 0, heardAt: 0 }

/** Scores that end later than this from now are of a feed that is played faster than it was recorded; clocks differ by less. */
const AHEAD_MS = 10_000

const base = new URL('.', location.href)
const streamUrl = new URL('v1/stream', base)
streamUrl.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'

const connection = new Connection(streamUrl.href, {
  onMessage(message) {
    link.heardAt = Date.now()
    if (message.type === 'hello') greet(message)
    else if (message.type === 'score') takeScore(message)
    else if (message.type.startsWith('episode.')) takeEpisode(message.type, message.episode)
  },
  onState(next, retryAt = 0) {
    link.state = next
    link.retryAt = retryAt
    showLink()
  },
})

/** The first message: which model this is. */
function greet({ name, window }) {
  view.sampleRate = window.sample_rate ?? undefined
  setText(byId('bundle'), name)
  document.title = `${name} – Auscult`
  fetchEpisodes()
}

/** Episodes of before this page; fetched again after each reconnection, because some may have been missed. */
async function fetchEpisodes() {
  const doubtful = state.openIds()
  try {
    const answer = await fetch(new URL('v1/episodes?limit=200', base))
    if (!answer.ok) return
    const { episodes } = await answer.json()
    state.replace(episodes, doubtful)
    view.changed = true
  } catch {
    // The connection broke again; the next greeting fetches.
  }
}

function takeScore(message) {
  state.score(message)
  view.changed = true
  if (cards.has(message.source)) return
  const card = new SourceCard(message.source, () => {
    view.changed = true
  })
  cards.set(message.source, card)
  const names = [...cards.keys()].sort()
  byId('sources').insertBefore(card.node, byId('sources').children[names.indexOf(message.source)] ?? null)
  card.attach()
  byId('no-sources').hidden = true
}

function takeEpisode(type, episode) {
  state.episode(episode)
  view.changed = true
  if (type === 'episode.opened') announce(`Episode opened on ${episode.source}`)
  if (type === 'episode.closed') {
    const seconds = ((episode.closed_at ?? episode.last_at) - episode.opened_at) / 1000
    announce(`Episode on ${episode.source} closed after ${duration(seconds)}, peak ${number(episode.peak_score)}`)
  }
}

const announce = text => setText(byId('announcer'), text)

function showLink() {
  const badge = byId('connection')
  const silent = (Date.now() - link.heardAt) / 1000
  const left = Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1000))
  const quiet = link.state === 'live' && state.windows > 0 && silent > 5
  badge.dataset.state = quiet ? 'quiet' : link.state
  const texts = {
    connecting: 'Connecting…',
    live: quiet ? 'Connected, no new windows' : 'Live',
    waiting: left ? `Disconnected, retry in ${left} s` : 'Disconnected, retrying…',
  }
  setText(badge, texts[link.state])
  byId('retry').hidden = link.state !== 'waiting'
}

function showFeedTime() {
  byId('feed-time').hidden = state.head < Date.now() + AHEAD_MS
}

/** @returns whether anything is still moving */
function drawCharts(elapsed) {
  let gliding = false
  const to = view.head
  const from = to - view.span * 1000
  for (const [source, card] of cards) {
    const episodes = [...state.episodes.values()].filter(each => each.source === source)
    gliding = card.draw(state.series.get(source), episodes, { from, to, elapsed }) || gliding
  }
  return gliding
}

/** One frame: scrolls smoothly towards the newest score, or in steps of half a second where less movement is asked for. */
function frame(now) {
  requestAnimationFrame(frame)
  const elapsed = (now - view.drawnAt) / 1000
  if (calm.matches && elapsed < 0.5) return
  const jump = calm.matches || view.head === 0 || Math.abs(state.head - view.head) > view.span * 500
  const head = view.paused ? view.head : approach(view.head, state.head, Math.min(elapsed, 0.1), jump ? 0 : 0.25)
  const moved = Math.abs(head - view.head) > 0.5
  view.drawnAt = now
  if (!moved && !view.changed) return
  view.head = head
  view.changed = drawCharts(calm.matches ? 0 : elapsed) || moved
}

function showLists() {
  const episodes = state.sorted()
  list.show(episodes, source => state.series.get(source)?.lastEnd ?? 0, view.sampleRate)
  byId('no-episodes').hidden = episodes.length > 0
  const open = state.openIds().length
  setText(byId('open-count'), count(open))
  byId('open-count').dataset.alarm = String(open > 0)
  setText(byId('episode-count'), count(episodes.length))
  setText(byId('window-count'), count(state.windows))
}

const counted = { windows: 0, at: performance.now(), rate: 0 }
function showRate() {
  const now = performance.now()
  const rate = ((state.windows - counted.windows) * 1000) / (now - counted.at)
  counted.rate = counted.windows ? approach(counted.rate, rate, 1, 2) : rate
  counted.windows = state.windows
  counted.at = now
  setText(byId('window-rate'), state.windows ? counted.rate.toFixed(counted.rate < 10 ? 1 : 0) : '–')
}

function setPaused(paused) {
  view.paused = paused
  byId('pause').setAttribute('aria-pressed', String(paused))
  setText(byId('pause'), paused ? 'Resume' : 'Pause')
}

byId('pause').addEventListener('click', () => setPaused(!view.paused))
byId('retry').addEventListener('click', () => connection.retry())
document.addEventListener('keydown', event => {
  if (event.key.toLowerCase() === 'p' && !event.ctrlKey && !event.metaKey && !event.altKey) setPaused(!view.paused)
})
for (const input of document.querySelectorAll('input[name=span]')) {
  input.addEventListener('change', () => {
    view.span = Number(input.value)
    view.changed = true
  })
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const card of cards.values()) card.chart.readColours()
  view.changed = true
})
addEventListener('resize', () => {
  view.changed = true
})
addEventListener('online', () => connection.retry())
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) connection.retry()
})
setInterval(showLists, 200)
setInterval(showLink, 500)
setInterval(showFeedTime, 500)
setInterval(showRate, 1000)
setInterval(() => {
  for (const card of cards.values()) card.describe(view.span)
}, 3000)

requestAnimationFrame(frame)
connection.open()
