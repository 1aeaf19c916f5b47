import { Api } from './app/api.js'
import { Connection } from './app/connection.js'
import { Details } from './app/details.js'
import { byId, setText } from './app/dom.js'
import { Feed } from './app/feed.js'
import { LinkView } from './app/link-view.js'
import { Router } from './app/router.js'
import { State } from './app/state.js'
import { Toasts } from './app/toast.js'
import { askToken } from './app/token-dialog.js'

const base = new URL('.', location.href)
const streamUrl = new URL('v1/stream', base)
streamUrl.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'

const PRELOAD_MS = 500

/** `page` is the exported class: `constructor(app)`, `node`, `open({ id, query })`, `close()`. */
const PAGES = {
  '': { module: () => import('./sources/live-page.js'), page: 'LivePage', title: 'Live', tab: 'live' },
  source: { module: () => import('./sources/source-page.js'), page: 'SourcePage', title: 'Source', tab: 'live' },
  health: { module: () => import('./sources/health-page.js'), page: 'HealthPage', title: 'Health', tab: 'health' },
  episodes: {
    module: () => import('./episodes/episodes-page.js'),
    page: 'EpisodesPage',
    title: 'Episodes',
    tab: 'episodes',
  },
  episode: {
    module: () => import('./episodes/episode-page.js'),
    page: 'EpisodePage',
    title: 'Episode',
    tab: 'episodes',
  },
  history: { module: () => import('./history/history-page.js'), page: 'HistoryPage', title: 'History', tab: 'history' },
  audit: { module: () => import('./history/audit-page.js'), page: 'AuditPage', title: 'Audit', tab: 'audit' },
  map: { module: () => import('./map/map-page.js'), page: 'MapPage', title: 'Map', tab: 'map' },
}

const state = new State()
const toasts = new Toasts(byId('toasts'))
const api = new Api(base, askToken)
const connection = new Connection(streamUrl, {
  onMessage: message => feed.take(message),
  onLink: () => state.emit('link'),
})
/** What every page is made with. `hash` is encoded: `app.go('#/episode/' + encodeURIComponent(id))`. */
const app = {
  state,
  api,
  connection,
  go: hash => router.go(hash),
  announce: text => setText(byId('announcer'), text),
  toast: (text, kind) => toasts.show(text, kind),
}
const feed = new Feed(app)
app.details = new Details(app)
const router = new Router(app, byId('main'), PAGES, showPage)

function showPage(name, description, id) {
  for (const link of document.querySelectorAll('.tabs a')) {
    if (link.dataset.tab === description?.tab) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.body.dataset.page = name ?? ''
  const parts = [id, description?.title ?? 'Not found', state.hello?.name, 'Auscult']
  document.title = parts.filter(Boolean).join(' – ')
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => state.emit('theme'))
byId('skip').addEventListener('click', event => {
  event.preventDefault()
  byId('main').focus()
})
new LinkView(app).start()
connection.open()
router.follow().then(() => setTimeout(() => router.preload(), PRELOAD_MS))
state.on('hello', () => {
  const isBack = connection.position.outcome !== undefined
  if (isBack && router.isBroken) location.reload()
})
