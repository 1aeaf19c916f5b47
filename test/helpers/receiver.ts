import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly body: {
    text: string
    link?: string
    time?: string
    store: string
    event: Record<string, unknown> & { seq: number }
  }
}

type Answer = (response: ServerResponse, received: Received) => void

/** A receiver of webhooks, which keeps what it got, answered or not. */
export class Receiver {
  readonly received: Received[] = []
  /** What it answers; 204 without. */
  answer: Answer = response => response.writeHead(204).end()
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hooks/secret-path`
  }

  get seqs(): number[] {
    return this.received.map(({ body }) => body.event.seq)
  }

  async start(): Promise<this> {
    const server = createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      const received = { headers: request.headers, text, body: JSON.parse(text) }
      this.received.push(received)
      this.answer(response, received)
    })
    this.#server = server
    await new Promise<void>(resolve => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    return this
  }

  /** It can be started again, at the same port. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}

/** Answers so. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  response =>
    response.writeHead(code, headers).end(body)
