import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refused } from './answer.ts'

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** Programs send no origin; a browser's page must come from the host that it calls. */
export function isSameHost(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

export interface Access {
  /** Address that is listened on. */
  readonly host: string
  /** What changes must show; null: nothing, as long as `host` is loopback. */
  readonly token: string | null
}

/** @throws Refused (401, 403) when a request may not change anything */
export function guardChange(request: IncomingMessage, { host, token }: Access): void {
  if (!isSameHost(request)) {
    throw forbidden('a page of another origin may not change anything', 'Use the page that this daemon serves.')
  }
  if (token === null) {
    if (isLoopback(host)) return
    const remedy = 'Set http.token (AUSCULT_HTTP_TOKEN) and send it, or set http.host to 127.0.0.1.'
    throw forbidden('nothing can be changed here: the network reaches this address, and no token is set', remedy)
  }
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (given !== undefined && isSame(given, token)) return
  const message = given === undefined ? 'changes need a token' : 'the token is another one'
  throw new Refused(401, 'AUSCULT_FORBIDDEN', message, {
    remedy: 'Send `Authorization: Bearer <token>`, with the value of http.token.',
    headers: { 'www-authenticate': 'Bearer realm="auscult"' },
  })
}

const forbidden = (message: string, remedy: string) => new Refused(403, 'AUSCULT_FORBIDDEN', message, { remedy })

/** Takes the same time wherever they differ, and whatever their lengths are. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(left, right)
}
