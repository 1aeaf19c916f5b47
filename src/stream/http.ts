import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { z } from '../config.ts'
import { AuscultError, messageOf } from '../errors.ts'
import type { Service } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import { type Answer, answerOf, Refused, unexpected } from './http/answer.ts'
import { readBody } from './http/body.ts'
import { type BodyChunks, BodyStreams, isBodyStream } from './http/body-stream.ts'
import { guardChange, isLoopback } from './http/guard.ts'
import { refuse } from './http/refuse.ts'
import { allowOf, decodeParams, Router, type Routes } from './http/router.ts'
import { readVendor } from './http/vendor.ts'
import { readStatic } from './static-files.ts'

export type { Answer, Routes }

export const httpSchema = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on; other than loopback shows it to the network'),
  port: z.number().int().min(0).max(65535).default(8080).describe('Port to listen on; 0 takes a free one'),
  token: z
    .string()
    .min(16)
    .regex(/^[\x21-\x7e]+$/, 'letters, digits and signs of ASCII, without spaces')
    .nullable()
    .default(null)
    .describe(
      'Secret that requests must send to change anything, better set as AUSCULT_HTTP_TOKEN; null: changes from this machine only',
    ),
  public_url: z
    .url({ protocol: /^https?$/, error: 'must be a URL, http:// or https://' })
    .nullable()
    .default(null)
    .describe('Where people reach the page from outside, for links in messages; null: messages have none'),
})

export type HttpConfig = z.infer<typeof httpSchema>

export interface HttpOptions extends HttpConfig {
  readonly routes: Routes
  /** Paths that speak WebSocket. */
  readonly upgrades: Readonly<Record<string, (request: IncomingMessage, socket: Duplex, head: Buffer) => void>>
  /** How answers are sent that are made meanwhile. */
  readonly streams?: BodyStreams
  /** Folder of the page at `/`. */
  readonly page: string
  readonly logger: Logger
}

const JSON_TYPE = 'application/json; charset=utf-8'
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** So long a request may take to come in. */
const REQUEST_MS = 30_000
/** Connections that may wait to be taken, as after a restart, when all clients come back at once. */
const BACKLOG = 2048
const READING = 'GET, HEAD'

/**
 * Serves the routes, the page and WebSocket upgrades. Bound to loopback it answers only to loopback names (DNS rebinding). What changes
 * something must come from the same origin, and with the token where there is one.
 */
export class HttpServer implements Service {
  readonly name = 'http'
  readonly #options: HttpOptions
  readonly #router: Router
  readonly #streams: BodyStreams
  #server: Server | undefined

  constructor(options: HttpOptions) {
    this.#options = options
    this.#router = new Router(options.routes)
    this.#streams = options.streams ?? new BodyStreams()
  }

  /** @throws AUSCULT_PORT_IN_USE; AUSCULT_CONFIG when the host cannot be listened on */
  async start(): Promise<void> {
    const { host, port, token, logger } = this.#options
    const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
      void this.#answer(request, response)
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    await new Promise<void>((resolve, reject) => {
      server.once('error', cause => reject(listenError(cause, host, port)))
      server.listen({ port, host, backlog: BACKLOG }, resolve)
    })
    server.on('error', error => logger.error({ error: messageOf(error) }, 'http server'))
    this.#server = server
    if (isLoopback(host)) return
    const changes = token === null ? 'nobody can change anything: http.token is not set' : 'changes need the token'
    logger.warn({ host, changes }, 'anybody who reaches this address can read scores and episodes')
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
    const { answer, chunks } = await this.#settle(request)
    const { status = 200, type = JSON_TYPE, headers, body } = answer
    if (response.destroyed) return chunks?.return()
    const isHead = request.method === 'HEAD'
    if (isBodyStream(body)) {
      response.writeHead(status, { ...HEADERS, ...headers, 'content-type': type })
      if (chunks) await this.#stream(request, response, chunks)
      else response.end()
      return
    }
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : `${JSON.stringify(body)}\n`
    const own = { 'content-type': type, 'content-length': Buffer.byteLength(bytes) }
    response.writeHead(status, { ...HEADERS, ...headers, ...own })
    response.end(isHead ? undefined : bytes)
  }

  async #stream(request: IncomingMessage, response: ServerResponse, chunks: BodyChunks): Promise<void> {
    try {
      await this.#streams.send(response, chunks)
    } catch (error) {
      this.#options.logger.error({ path: pathOf(request.url), error: messageOf(error) }, 'an answer broke off')
    }
  }

  /** The answer; of one that is made while it is sent the first chunk is there. */
  async #settle(request: IncomingMessage): Promise<{ answer: Answer; chunks?: BodyChunks }> {
    try {
      const answer = await this.#find(request)
      if (!isBodyStream(answer.body) || request.method === 'HEAD') return { answer }
      return { answer, chunks: await this.#streams.open(request, answer.body) }
    } catch (error) {
      const answer = answerOf(error)
      // Who hung up hears nothing, and it is no failure.
      if (!answer && request.complete) {
        const { method, url } = request
        this.#options.logger.error({ method, path: pathOf(url), error: messageOf(error) }, 'request failed')
      }
      return { answer: answer ?? unexpected }
    }
  }

  async #find(request: IncomingMessage): Promise<Answer> {
    if (!this.#trusts(request)) throw misdirected()
    const path = pathOf(request.url)
    if (Object.hasOwn(this.#options.upgrades, path)) {
      throw new Refused(426, 'AUSCULT_USAGE', 'a WebSocket is served here')
    }
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET')
    const place = this.#router.find(path)
    if (!place) return this.#static(path, method)
    const target = place.targets.get(method)
    if (!target) throw notAllowed(allowOf(place))
    const isChange = method !== 'GET'
    if (isChange) guardChange(request, this.#options)
    return target.handler({
      params: decodeParams(target.names, place.values),
      query: new URLSearchParams(request.url?.split('?', 2)[1]),
      body: isChange ? await readBody(request) : {},
      from: request.socket.remoteAddress ?? 'unknown',
    })
  }

  async #static(path: string, method: string): Promise<Answer> {
    const file = (await readVendor(path)) ?? (await readStatic(this.#options.page, path))
    if (!file) throw notFound()
    if (method !== 'GET') throw notAllowed(READING)
    return file
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = pathOf(request.url)
    const upgrade = Object.hasOwn(this.#options.upgrades, path) ? this.#options.upgrades[path] : undefined
    if (!upgrade) refuse(socket, notFound())
    else if (!this.#trusts(request)) refuse(socket, misdirected())
    else upgrade(request, socket, head)
  }

  #trusts(request: IncomingMessage): boolean {
    if (!isLoopback(this.#options.host)) return true
    return isLoopback((request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))
  }
}

const pathOf = (url = '/'): string => url.split('?', 1)[0]

const notFound = () => new Refused(404, 'AUSCULT_NOT_FOUND', 'not found')

const misdirected = () => new Refused(421, 'AUSCULT_FORBIDDEN', 'this host name is not served here')

const notAllowed = (allow: string) =>
  new Refused(405, 'AUSCULT_USAGE', `only ${allow} can be done here`, { headers: { allow } })

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
