import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Service } from '../lifecycle.ts'
import type { AuscultEvent, Score } from '../types.ts'
import { eventToJson, numbered, sourceOf } from './event-json.ts'
import { isSameHost } from './http/guard.ts'
import { type History, StreamClient } from './stream-client.ts'
import type { Sink } from './telemetry.ts'

const MOST_CLIENTS = 200
const PING_MS = 30_000
const GOODBYE_MS = 2000
const GOING_AWAY = 1001

/** Where a client goes on, and what it is told of that. */
interface Beginning {
  readonly position: number
  readonly greeting: object
}

/**
 * `/v1/stream`: one JSON object a message. First `hello`, then scores and events as they come. `?source=a&source=b` keeps some sources only,
 * `?scores=0` leaves scores out, `?after=seq` sends the stored events after that one first.
 */
export class WebSocketHub implements Sink, Service {
  readonly name = 'websocket'
  /** Score messages that were not sent to slow clients. */
  unsentScores = 0
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 4096, perMessageDeflate: false })
  readonly #clients = new Set<StreamClient>()
  readonly #goodbyes = new Map<StreamClient, () => void>()
  readonly #hello: () => object
  readonly #history: History
  #listeners = 0
  #stopped = false
  #pings: NodeJS.Timeout | undefined

  /** @param hello what the first message says besides what is said here */
  constructor(hello: () => object, history: History) {
    this.#hello = hello
    this.#history = history
  }

  get clients(): number {
    return this.#clients.size
  }

  get wantsScores(): boolean {
    return this.#listeners > 0
  }

  /** Takes over a connection that asks for a WebSocket. A page of another host is refused. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = new URLSearchParams((request.url ?? '').split('?', 2)[1] ?? '')
    if (!isSameHost(request)) refuse(socket, '403 Forbidden')
    else if (!isNumber(query.get('after'))) refuse(socket, '400 Bad Request')
    else if (this.#stopped || this.#clients.size >= MOST_CLIENTS) refuse(socket, '503 Service Unavailable')
    else this.#server.handleUpgrade(request, socket, head, connection => this.#admit(connection, query))
  }

  score(score: Score): void {
    let text: string | undefined
    for (const client of this.#clients) {
      if (!client.scores || !client.wants(score.source)) continue
      text ??= scoreText(score)
      if (!client.score(text)) this.unsentScores++
    }
  }

  event(event: AuscultEvent, seq: number): void {
    if (this.#clients.size === 0) return
    const text = numbered(seq, JSON.stringify(eventToJson(event)))
    const source = sourceOf(event)
    for (const client of this.#clients) client.event(source, seq, text)
  }

  async start(): Promise<void> {}

  /** Says goodbye to all; those that do not answer are cut off. */
  async stop(): Promise<void> {
    this.#stopped = true
    const gone = [...this.#clients].map(client => {
      const closed = new Promise<void>(resolve => this.#goodbyes.set(client, resolve))
      client.socket.close(GOING_AWAY, 'the daemon stops')
      setTimeout(() => client.socket.terminate(), GOODBYE_MS).unref()
      return closed
    })
    await Promise.all(gone)
  }

  #admit(socket: WebSocket, query: URLSearchParams): void {
    const names = query.getAll('source')
    const sources = names.length > 0 ? new Set(names) : undefined
    const { position, greeting } = this.#begin(query)
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, ...greeting, ...this.#hello() }))
    const scores = query.get('scores') !== '0'
    const client = new StreamClient({ socket, history: this.#history, sources, scores, position })
    this.#clients.add(client)
    if (scores) this.#listeners++
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#forget(client))
    this.#pings ??= setInterval(() => this.#ping(), PING_MS).unref()
  }

  /** A number of another store, or one that retention has overtaken, cannot be resumed from: then it gets all there is, and is told. */
  #begin(query: URLSearchParams): Beginning {
    const { id, first, last } = this.#history
    const extent = { store: id, seq: last, first }
    if (!query.has('after')) return { position: last, greeting: extent }
    const after = Number(query.get('after'))
    const isOther = (query.get('store') ?? id) !== id || after > last
    if (isOther || after + 1 < first) {
      return { position: first - 1, greeting: { ...extent, resumed: false, missed_before: first } }
    }
    return { position: after, greeting: { ...extent, resumed: true } }
  }

  #forget(client: StreamClient): void {
    this.#clients.delete(client)
    this.#goodbyes.get(client)?.()
    if (client.scores) this.#listeners--
    if (this.#clients.size > 0) return
    clearInterval(this.#pings)
    this.#pings = undefined
  }

  #ping(): void {
    for (const client of this.#clients) {
      if (!client.alive) client.socket.terminate()
      client.alive = false
      client.socket.ping()
    }
  }
}

function scoreText({ latent: _, ...score }: Score): string {
  return JSON.stringify({ type: 'score', ...score })
}

/** Whether `?after=` is absent or the number of an event. */
const isNumber = (after: string | null): boolean => after === null || /^\d{1,15}$/.test(after)

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
}
