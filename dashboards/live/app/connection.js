import { Position } from './position.js'

const FIRST_MS = 500
const LONGEST_MS = 15_000
/** So many heartbeats may be missing before the connection is taken for dead. */
const MISSED_BEATS = 3
export const KINDS = ['score', 'episode', 'cluster', 'drift', 'source', 'decision', 'status']

/**
 * The stream, connected again whenever it breaks or falls silent: after half a second, then twice as long each time, up to 15 s, with
 * jitter. Goes on after the last event it has seen.
 */
export class Connection {
  /**
   * @param {URL} url of `/v1/stream`
   * @param {{ onMessage(message: object): void, onLink(): void }} handlers
   */
  constructor(url, handlers) {
    this.url = url
    this.handlers = handlers
    this.delay = FIRST_MS
    this.position = new Position()
    this.wishes = new Set()
    this.every = 0
    /** connecting, live or waiting; `retryAt` by `performance.now()`, `reason` why the last one ended */
    this.link = { state: 'connecting', retryAt: 0, heardAt: 0 }
  }

  /** Whether an event is from before the connection: one that was missed. */
  isPast({ seq }) {
    return seq <= this.position.target
  }

  open() {
    clearTimeout(this.timer)
    this.timer = undefined
    this.setLink('connecting')
    const socket = new WebSocket(this.address())
    this.socket = socket
    this.heard()
    socket.addEventListener('message', event => {
      if (this.socket === socket) this.receive(JSON.parse(event.data))
    })
    socket.addEventListener('close', ({ reason }) => {
      if (this.socket !== socket) return
      this.link.reason = reason
      this.wait()
    })
    this.watchdog ??= setInterval(() => this.checkBeat(), 1000)
  }

  address() {
    const url = new URL(this.url)
    const { detail, view } = this.subscription()
    for (const kind of KINDS) url.searchParams.append('kind', kind)
    if (this.every > 0) url.searchParams.set('every', this.every)
    for (const source of detail) url.searchParams.append('detail', source)
    for (const source of view) url.searchParams.append('view', source)
    for (const [name, value] of this.position.query()) url.searchParams.set(name, value)
    return url.href
  }

  receive(message) {
    this.heard()
    if (message.type === 'hello') {
      this.delay = FIRST_MS
      this.beat = message.heartbeat_seconds
      this.position.greeted(message)
      this.setLink('live')
    }
    if (message.type === 'error') console.warn(message)
    const isNew = this.position.take(message)
    if (isNew) this.handlers.onMessage(message)
    if (this.position.arrived()) this.handlers.onLink()
  }

  heard() {
    this.link.heardAt = performance.now()
  }

  /** A connection that says nothing for three heartbeats is dead, whatever the network thinks. */
  checkBeat() {
    if (this.timer !== undefined || this.socket === undefined) return
    const silent = performance.now() - this.link.heardAt
    if (silent < MISSED_BEATS * 1000 * (this.beat ?? 10)) return
    if (this.link.state === 'live' && this.beat === undefined) return
    this.abandon()
  }

  abandon() {
    const { socket } = this
    this.socket = undefined
    socket.close()
    this.wait()
  }

  /** Connects at once if it is waiting to. */
  retry() {
    if (this.timer === undefined) return
    this.delay = FIRST_MS
    this.open()
  }

  wait() {
    const delay = this.delay * (0.75 + 0.5 * Math.random())
    this.delay = Math.min(LONGEST_MS, this.delay * 2)
    this.timer = setTimeout(() => this.open(), delay)
    this.setLink('waiting', performance.now() + delay)
  }

  setLink(state, retryAt = 0) {
    this.link.state = state
    this.link.retryAt = retryAt
    this.handlers.onLink()
  }

  /** Seconds of feed time that a score stands for, of sources that nobody looks at closely. */
  setEvery(seconds) {
    if (seconds === this.every) return
    this.every = seconds
    this.subscribe()
  }

  /**
   * Asks for all scores of the sources `detail`, and for the windows of the sources `view` as pictures.
   * @returns a function that ends it
   */
  watch({ detail = [], view = [] }) {
    const wish = { detail, view }
    this.wishes.add(wish)
    this.subscribe()
    return () => {
      if (this.wishes.delete(wish)) this.subscribe()
    }
  }

  subscription() {
    const union = name => [...new Set([...this.wishes].flatMap(wish => wish[name]))]
    return { sources: null, kinds: KINDS, every: this.every, detail: union('detail'), view: union('view') }
  }

  /** Once for all that changes in the same turn. */
  subscribe() {
    if (this.pending) return
    this.pending = true
    queueMicrotask(() => {
      this.pending = false
      if (this.socket?.readyState !== WebSocket.OPEN) return
      this.socket.send(JSON.stringify({ type: 'subscribe', ...this.subscription() }))
    })
  }
}
