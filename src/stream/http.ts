import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { z } from '../config.ts'
import { AuscultError, messageOf } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import { readStatic } from './static-files.ts'

export const httpSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on; other than loopback shows it to the network'),
  port: z.number().int().min(0).max(65535).default(8080).describe('Port to listen on; 0 takes a free one'),
})

export type HttpConfig = z.infer<typeof httpSchema>

export interface Answer {
  readonly status?: number
  /** Default: JSON. */
  readonly type?: string
  /** An object is sent as JSON. */
  readonly body: string | object
}

export interface HttpOptions extends HttpConfig {
  /** Answers by path. */
  readonly routes: Readonly<Record<string, (query: URLSearchParams) => Answer | Promise<Answer>>>
  /** Paths that speak WebSocket. */
  readonly upgrades: Readonly<Record<string, (request: IncomingMessage, socket: Duplex, head: Buffer) => void>>
  /** Folder of the page at `/`. */
  readonly page: string
  readonly logger: Logger
}

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** Serves the routes, the page and WebSocket upgrades. Bound to loopback it answers only to loopback names (DNS rebinding). */
export class HttpServer implements Service {
  readonly name = 'http'
  readonly #options: HttpOptions
  #server: Server | undefined

  constructor(options: HttpOptions) {
    this.#options = options
  }

  /** @throws AUSCULT_PORT_IN_USE; AUSCULT_CONFIG when the host cannot be listened on */
  async start(): Promise<void> {
    const { host, port, logger } = this.#options
    const server = createServer((request, response) => void this.#answer(request, response))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    await new Promise<void>((resolve, reject) => {
      server.once('error', cause => reject(listenError(cause, host, port)))
      server.listen(port, host, resolve)
    })
    server.on('error', error => logger.error({ error: messageOf(error) }, 'http server'))
    this.#server = server
    if (!isLoopback(host)) logger.warn({ host }, 'anybody who reaches this address can read scores and episodes')
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (!server) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  /** Where it listens, `http://127.0.0.1:8080`; undefined before the start. */
  get address(): string | undefined {
    const bound = this.#server?.address() as AddressInfo | null | undefined
    if (!bound) return undefined
    return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status = 200, type = 'application/json; charset=utf-8', body } = await this.#find(request)
      const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : `${JSON.stringify(body)}\n`
      const allow = status === 405 ? { allow: 'GET, HEAD' } : {}
      response.writeHead(status, {
        ...HEADERS,
        ...allow,
        'content-type': type,
        'content-length': Buffer.byteLength(bytes),
      })
      response.end(request.method === 'HEAD' ? undefined : bytes)
    } catch (error) {
      this.#options.logger.error({ path: request.url, error: messageOf(error) }, 'request failed')
      if (!response.headersSent) response.writeHead(500, HEADERS)
      response.end()
    }
  }

  async #find(request: IncomingMessage): Promise<Answer> {
    if (!this.#trusts(request)) return { status: 421, body: { error: 'this host name is not served here' } }
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: { error: 'read only' } }
    const [path, query = ''] = (request.url ?? '/').split('?', 2)
    if (Object.hasOwn(this.#options.upgrades, path))
      return { status: 426, body: { error: 'a WebSocket is served here' } }
    const route = Object.hasOwn(this.#options.routes, path) ? this.#options.routes[path] : undefined
    if (route) return route(new URLSearchParams(query))
    return (await readStatic(this.#options.page, path)) ?? { status: 404, body: { error: 'not found' } }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '/').split('?', 1)[0]
    const upgrade = Object.hasOwn(this.#options.upgrades, path) ? this.#options.upgrades[path] : undefined
    if (upgrade && this.#trusts(request)) upgrade(request, socket, head)
    else socket.end(`HTTP/1.1 ${upgrade ? '421 Misdirected Request' : '404 Not Found'}\r\nconnection: close\r\n\r\n`)
  }

  #trusts(request: IncomingMessage): boolean {
    if (!isLoopback(this.#options.host)) return true
    return isLoopback((request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

function listenError(cause: Error, host: string, port: number): AuscultError {
  const code = 'code' in cause ? cause.code : undefined
  const at = `${host}:${port}`
  if (code === 'EADDRINUSE') {
    const remedy = 'Set http.port to another one (0 takes a free one), or stop the program that listens there.'
    return new AuscultError('AUSCULT_PORT_IN_USE', 'the port is taken by another program', { at, cause, remedy })
  }
  const remedy = 'Set http.host to an address of this machine, and http.port to one that you may use.'
  return new AuscultError('AUSCULT_CONFIG', `cannot listen here: ${cause.message}`, { at, cause, remedy })
}
