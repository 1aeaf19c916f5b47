import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Service } from '../lifecycle.ts'
import type { EpisodeEvent, Score } from '../types.ts'
import { eventToJson } from './event-json.ts'
import type { Sink } from './telemetry.ts'

/** Above this many unsent bytes a client gets no more scores, until it has caught up. */
const SCORE_LIMIT = 256 << 10
/** Above this many it is sent away: it would miss episodes. */
const EVENT_LIMIT = 4 << 20
const MOST_CLIENTS = 200
const PING_MS = 30_000
const GOODBYE_MS = 2000
const TRY_AGAIN_LATER = 1013
const GOING_AWAY = 1001

interface Client {
  readonly socket: WebSocket
  /** Undefined: all. */
  readonly sources: ReadonlySet<string> | undefined
  readonly scores: boolean
  alive: boolean
}

/**
 * `/v1/stream`: one JSON object a message. First `hello`, then `score` and `episode.opened|updated|closed` as they come.
 * `?source=a&source=b` keeps some sources only, `?scores=0` leaves scores out.
 */
export class WebSocketHub implements Sink, Service {
  readonly name = 'websocket'
  /** Score messages that were not sent to slow clients. */
  unsentScores = 0
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false })
  readonly #clients = new Set<Client>()
  readonly #hello: () => object
  #listeners = 0
  #stopped = false
  #pings: NodeJS.Timeout | undefined

  /** @param hello what the first message says besides its type and protocol */
  constructor(hello: () => object) {
    this.#hello = hello
  }

  get clients(): number {
    return this.#clients.size
  }

  get wantsScores(): boolean {
    return this.#listeners > 0
  }

  /** Takes over a connection that asks for a WebSocket. A page of another host is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!isSameHost(request)) refuse(socket, '403 Forbidden')
    else if (this.#stopped || this.#clients.size >= MOST_CLIENTS) refuse(socket, '503 Service Unavailable')
    else {
      const query = new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
      this.#server.handleUpgrade(request, socket, head, connection => this.#admit(connection, query))
    }
  }

  score(score: Score): void {
    let text: string | undefined
    for (const client of this.#clients) {
      if (!client.scores || !wants(client, score.source)) continue
      if (client.socket.bufferedAmount > SCORE_LIMIT) this.unsentScores++
      else {
        text ??= scoreText(score)
        client.socket.send(text)
      }
    }
  }

  event(event: EpisodeEvent): void {
    if (this.#clients.size === 0) return
    const text = JSON.stringify(eventToJson(event))
    for (const client of this.#clients) {
      if (!wants(client, event.episode.source)) continue
      if (client.socket.bufferedAmount <= EVENT_LIMIT) client.socket.send(text)
      else this.#dismiss(client, TRY_AGAIN_LATER, 'too slow')
    }
  }

  async start(): Promise<void> {}

  /** Says goodbye to all; those that do not answer are cut off. */
  async stop(): Promise<void> {
    this.#stopped = true
    const gone = [...this.#clients].map(client => {
      const closed = new Promise(resolve => client.socket.once('close', resolve))
      this.#dismiss(client, GOING_AWAY, 'the daemon stops')
      return closed
    })
    await Promise.all(gone)
  }

  #admit(socket: WebSocket, query: URLSearchParams): void {
    const names = query.getAll('source')
    const sources = names.length > 0 ? new Set(names) : undefined
    const client: Client = { socket, sources, scores: query.get('scores') !== '0', alive: true }
    this.#clients.add(client)
    if (client.scores) this.#listeners++
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#forget(client))
    this.#pings ??= setInterval(() => this.#ping(), PING_MS).unref()
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, ...this.#hello() }))
  }

  #forget(client: Client): void {
    if (!this.#clients.delete(client)) return
    if (client.scores) this.#listeners--
    if (this.#clients.size > 0) return
    clearInterval(this.#pings)
    this.#pings = undefined
  }

  #dismiss(client: Client, code: number, reason: string): void {
    this.#forget(client)
    client.socket.close(code, reason)
    setTimeout(() => client.socket.terminate(), GOODBYE_MS).unref()
  }

  #ping(): void {
    for (const client of this.#clients) {
      if (!client.alive) client.socket.terminate()
      client.alive = false
      client.socket.ping()
    }
  }
}

const wants = (client: Client, source: string): boolean => client.sources === undefined || client.sources.has(source)

function scoreText({ latent: _, ...score }: Score): string {
  return JSON.stringify({ type: 'score', ...score })
}

/** Programs send no origin; a browser's page must come from the host that it calls. */
function isSameHost(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
}
