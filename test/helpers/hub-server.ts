import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { WebSocketHub } from '../../src/stream/websocket/hub.ts'
import { checkMessage } from './websocket-schema.ts'

export interface Message {
  readonly type: string
  readonly [key: string]: unknown
}

/** Numbers of the events among messages. */
export const seqs = (messages: readonly Message[]): number[] =>
  messages.filter(({ type }) => type.includes('.') || type === 'decision').map(({ seq }) => seq as number)

const HANDSHAKE = [
  'host: x',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
]

/** A hub behind a real port. */
export class HubServer {
  readonly #server = createServer()
  hub: WebSocketHub

  constructor(hub: WebSocketHub) {
    this.hub = hub
    this.#server.on('upgrade', (request, socket, head) => this.hub.upgrade(request, socket, head))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async start(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  async stop(): Promise<void> {
    await this.hub.stop()
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  /** Connects and collects messages; resolves once greeted. */
  async join(query = '', origin?: string) {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}/v1/stream${query}`, { origin })
    const messages: Message[] = []
    socket.on('message', data => {
      const message = JSON.parse(data.toString())
      checkMessage('server', message)
      messages.push(message)
    })
    const closed = new Promise<{ code: number; reason: string }>(resolve =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    )
    await new Promise((resolve, reject) => {
      socket.once('message', resolve)
      socket.once('error', reject)
    })
    return { socket, messages, closed }
  }

  /** A connection that speaks as the test does, once it has asked to be let in. */
  raw(query = '', headers: readonly string[] = HANDSHAKE): Socket {
    const socket = connect(this.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET /v1/stream${query} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    return socket
  }

  /** What a request is answered that is not let in. */
  async refusal(query: string, headers?: readonly string[]): Promise<{ head: string; body: Record<string, string> }> {
    let text = ''
    for await (const chunk of this.raw(query, headers)) text += chunk
    const [head, body] = text.split('\r\n\r\n')
    return { head, body: JSON.parse(body) }
  }
}

/** A masked frame of a client (RFC 6455, section 5.2), with a mask of zeros. */
export function clientFrame(opcode: number, payload: string | Buffer, fin = true): Buffer {
  const bytes = Buffer.from(payload)
  const size =
    bytes.length < 126 ? Buffer.of(0x80 | bytes.length) : Buffer.of(0x80 | 126, bytes.length >> 8, bytes.length & 255)
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | opcode), size, Buffer.alloc(4), bytes])
}
