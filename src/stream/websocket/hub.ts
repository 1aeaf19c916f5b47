import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, systemClock } from '../../clock.ts'
import type { Service } from '../../lifecycle.ts'
import type { AuscultEvent, Score } from '../../types.ts'
import { kindOf } from '../event-facts.ts'
import { eventToJson, numbered, sourceOf } from '../event-json.ts'
import { Refused } from '../http/answer.ts'
import { refuse } from '../http/refuse.ts'
import type { Views } from '../live-view/view-message.ts'
import type { StatusJson } from '../status.ts'
import type { Sink } from '../telemetry.ts'
import { Admission, addressOf, checkOrigin } from './admission.ts'
import { Client } from './client.ts'
import type { WebSocketConfig } from './config.ts'
import { Acceptor, type Listener } from './connection.ts'
import { type Closing, Counts, type Refusal } from './counts.ts'
import { textFrame } from './frame.ts'
import { PROTOCOL } from './messages.ts'
import { type History, Pages } from './pages.ts'
import { type Request, type Resume, readQuery } from './query.ts'
import { type Peer, Session } from './session.ts'
import { choiceOf, type Subscription } from './subscription.ts'
import { Switchboard } from './switchboard.ts'

export interface HubOptions {
  readonly config: WebSocketConfig
  /** What `hello` says of the daemon. */
  readonly hello: () => object
  readonly history: History
  readonly views: Views
  readonly status: () => StatusJson
  readonly clock?: Clock
}

const TICK_MS = 1000
const GOODBYE_MS = 2000
const GOING_AWAY = 1001

/**
 * `/v1/stream`: one JSON object a message, by protocol 1 of docs/websocket.md.
 *
 *     score, event ─▶ switchboard ─▶ channel of each subscription ─▶ flusher ─▶ client ─▶ connection
 *                                    store ─▶ pages ─▶ client that is behind ─▶ connection
 */
export class WebSocketHub implements Sink, Service {
  readonly name = 'websocket'
  /** What became of connections and messages. */
  readonly counts = new Counts()
  readonly #options: HubOptions
  readonly #clock: Clock
  readonly #admission: Admission
  readonly #acceptor: Acceptor
  readonly #pages: Pages
  readonly #switchboard: Switchboard
  readonly #sessions = new Map<Session, Peer>()
  /** Number of the latest event that was published. */
  #published = 0
  #ticks: NodeJS.Timeout | undefined
  #stopped = false
  #emptied: (() => void) | undefined

  constructor(options: HubOptions) {
    const { config, history, views, clock = systemClock } = options
    this.#options = options
    this.#clock = clock
    this.#admission = new Admission(config)
    this.#acceptor = new Acceptor((message, socket) => {
      const remedy = 'Shake hands as RFC 6455 says, in version 13.'
      const headers = { 'sec-websocket-version': '13' }
      this.#refuse('handshake', socket, new Refused(400, 'AUSCULT_USAGE', message, { remedy, headers }))
    })
    this.#pages = new Pages(history)
    this.#switchboard = new Switchboard(views)
  }

  get clients(): number {
    return this.#sessions.size
  }

  get wantsScores(): boolean {
    return this.#switchboard.wantsScores
  }

  /** Takes over a connection that asks for a WebSocket, or says why not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Whoever hangs up while it is being let in is no error.
    socket.on('error', () => socket.destroy())
    let leave: (() => void) | undefined
    let step: Refusal = 'origin'
    try {
      checkOrigin(request)
      step = 'query'
      const wanted = readQuery(request.url ?? '')
      step = 'stopping'
      if (this.#stopped)
        throw new Refused(503, 'AUSCULT_FORBIDDEN', 'the daemon stops', { remedy: 'Come again later.' })
      step = 'address'
      leave = this.#admission.enter(addressOf(request))
      socket.once('close', leave)
      this.#acceptor.accept(request, socket, head, connection => connection.listen(this.greet(connection, wanted)))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.#refuse(step === 'address' && error.status === 503 ? 'full' : step, socket, error)
    }
  }

  score(score: Score): void {
    this.#switchboard.score(score, performance.now())
  }

  event(event: AuscultEvent, seq: number): void {
    this.#published = seq
    if (this.#sessions.size === 0) return
    this.#switchboard.publish(kindOf(event.type), sourceOf(event), () => ({
      kind: 'event',
      seq,
      bytes: textFrame(numbered(seq, JSON.stringify(eventToJson(event)))),
    }))
  }

  /** Takes in a client, with what it has missed. @returns who is to be told what it says and how it fares */
  greet(connection: Peer, { subscription, ...resume }: Request): Listener {
    const { history, hello, config } = this.#options
    const { position, greeting } = begin(history, resume)
    const { heartbeat_seconds } = config
    const said = { type: 'hello', protocol: PROTOCOL, ...greeting, heartbeat_seconds, ...hello() }
    connection.write([textFrame(JSON.stringify(said))])
    const { counts } = this
    const client = new Client({ connection, subscription, history, pages: this.#pages, position, counts })
    const session: Session = new Session({
      connection,
      client,
      counts,
      subscribe: subscription => this.#subscribe(client, subscription),
      gone: why => this.#forget(session, why),
    })
    this.#sessions.set(session, connection)
    this.#switchboard.join(client)
    this.#ticks ??= setInterval(() => this.#tick(), TICK_MS).unref()
    return session
  }

  async start(): Promise<void> {}

  /** Says goodbye to all; those that do not answer are cut off. */
  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#sessions.size === 0) return
    const emptied = new Promise<void>(resolve => {
      this.#emptied = resolve
    })
    for (const { client } of this.#sessions.keys()) {
      this.#switchboard.leave(client)
      client.close('stopping', GOING_AWAY, 'the daemon stops')
    }
    const cut = setTimeout(() => {
      for (const connection of this.#sessions.values()) connection.terminate()
    }, GOODBYE_MS)
    await emptied
    clearTimeout(cut)
  }

  #subscribe(client: Client, subscription: Subscription): void {
    this.#switchboard.move(client, subscription)
    client.reached(this.#published)
    client.tell({ type: 'subscribed', ...choiceOf(subscription), seq: client.position })
  }

  #forget(session: Session, why: Closing): void {
    this.counts.closed[why]++
    this.#sessions.delete(session)
    this.#switchboard.leave(session.client)
    if (this.#sessions.size > 0) return
    clearInterval(this.#ticks)
    this.#ticks = undefined
    this.#emptied?.()
  }

  #tick(): void {
    const now = performance.now()
    const switchboard = this.#switchboard
    switchboard.sweep(now)
    if (switchboard.wants('status')) {
      switchboard.publish('status', '', () => ({
        kind: 'status',
        seq: 0,
        bytes: textFrame(JSON.stringify({ type: 'status', ...this.#options.status() })),
      }))
    }
    this.#beat(now)
  }

  /** Those whose turn it is; clients that stand at the same event get the same bytes. */
  #beat(now: number): void {
    const due = now - this.#options.config.heartbeat_seconds * 1000
    const beats = new Map<number, Buffer>()
    for (const session of this.#sessions.keys()) {
      const { client, beatAt } = session
      if (beatAt > due || client.closing !== undefined) continue
      if (this.#switchboard.isDone(client)) client.reached(this.#published)
      session.beat(now, () => {
        const seq = client.position
        const beat = beats.get(seq) ?? textFrame(JSON.stringify({ type: 'heartbeat', time: this.#clock.now(), seq }))
        beats.set(seq, beat)
        return beat
      })
    }
  }

  #refuse(why: Refusal, socket: Duplex, refused: Refused): void {
    this.counts.refused[why]++
    refuse(socket, refused)
  }
}

/** Where a client goes on, and what it is told of that. A number of another store, or one that retention has overtaken, cannot be resumed from: then it gets all there is. */
function begin({ id, first, last }: History, { after, store = id }: Resume): { position: number; greeting: object } {
  const extent = { store: id, seq: last, first }
  if (after === undefined) return { position: last, greeting: extent }
  if (store !== id || after > last || after + 1 < first) {
    return { position: first - 1, greeting: { ...extent, resumed: false, missed_before: first } }
  }
  return { position: after, greeting: { ...extent, resumed: true } }
}
