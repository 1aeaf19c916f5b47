import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Closing } from './counts.ts'
import type { Peer } from './session.ts'

/** Longest message of a client. */
const MOST_BYTES = 16 << 10
/** How long a client may take to answer a goodbye. */
const GOODBYE_MS = 10_000
/** The same of one that broke the protocol. */
const BROKEN_MS = 1000
const LOST = 1006

/** What a connection tells. */
export interface Listener {
  /** A text; undefined: something that is no text. */
  message(text: string | undefined): void
  ping(payload: Buffer): void
  pong(): void
  drained(): void
  /** Once, as the last of all. */
  gone(why: Closing): void
}

/** Makes WebSockets of connections that ask for it: the server side of RFC 6455. */
export class Acceptor {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
    autoPong: false,
  })

  /** @param refused told of those that shake hands in no known way; answers them */
  constructor(refused: (message: string, socket: Duplex) => void) {
    this.#server.on('wsClientError', (error, socket) => refused(error.message, socket))
  }

  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    then: (connection: WebSocketConnection) => void,
  ): void {
    this.#server.handleUpgrade(request, socket, head, webSocket => then(new WebSocketConnection(webSocket, socket)))
  }
}

/** Whole frames are written past the library, so that they are made once for all clients. Nothing is compressed or fragmented, so they never lie within another one. */
export class WebSocketConnection implements Peer {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  #written = 0

  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket
    this.#socket = socket
  }

  get backlog(): number {
    return this.#socket.writableLength
  }

  /** Bytes that the network has taken. */
  get taken(): number {
    return this.#written - this.#socket.writableLength
  }

  listen(listener: Listener): void {
    const webSocket = this.#webSocket
    let isBroken = false
    webSocket.on('message', (data, isBinary) => listener.message(isBinary ? undefined : data.toString()))
    webSocket.on('ping', payload => listener.ping(payload))
    webSocket.on('pong', () => listener.pong())
    // The library answers what breaks the protocol with a close of its own.
    webSocket.on('error', () => {
      isBroken = true
      this.#cutAfter(BROKEN_MS)
    })
    webSocket.on('close', code => listener.gone(isBroken ? 'protocol' : code === LOST ? 'lost' : 'left'))
    this.#socket.on('drain', () => listener.drained())
  }

  write(frames: readonly Uint8Array[], done?: () => void): void {
    const socket = this.#socket
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || !socket.writable) {
      done?.()
      return
    }
    if (frames.length === 1) this.#write(frames[0], done)
    else {
      socket.cork()
      for (const frame of frames) this.#write(frame)
      // Calls back when all before it is out.
      if (done) socket.write('', done)
      socket.uncork()
    }
  }

  ping(): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  pong(payload: Buffer): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.pong(payload)
  }

  /** Who does not answer it is cut off. */
  close(code: number, reason: string): void {
    this.#webSocket.close(code, reason)
    this.#cutAfter(GOODBYE_MS)
  }

  /** Reads no more of what it sends, and cuts it off soon. */
  mute(graceMs: number): void {
    this.#webSocket.pause()
    this.#cutAfter(graceMs)
  }

  terminate(): void {
    this.#webSocket.terminate()
  }

  #write(frame: Uint8Array, done?: () => void): void {
    this.#written += frame.length
    this.#socket.write(frame, done)
  }

  #cutAfter(ms: number): void {
    const cut = setTimeout(() => this.terminate(), ms).unref()
    this.#webSocket.once('close', () => clearTimeout(cut))
  }
}
