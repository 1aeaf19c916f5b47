import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

export interface PostOptions {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** What a receiver answered. */
export interface Reply {
  readonly status: number
  /** Value of the header `retry-after`. */
  readonly retryAfter: string | undefined
  /** The beginning of the body. */
  readonly text: string
}

/** Of an answer that is not wanted, so much is kept to say why. */
const MOST_TEXT = 300
/** So much of an answer is read. */
const MOST_BYTES = 16_384

/**
 * One request, over a connection of its own. Redirects are not followed. Whatever the receiver does, it is over in time: the answer
 * is taken as it is then, or read no further than a few kilobytes.
 * @throws Error when there is no answer: its message says why, without the path of the URL, which may be a secret
 */
export function post({ url, headers, body, timeoutMs, signal }: PostOptions): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body)
    const send = url.protocol === 'https:' ? overHttps : overHttp
    const own = { 'content-type': 'application/json', 'content-length': bytes.length, connection: 'close' }
    const request = send(url, { method: 'POST', headers: { ...headers, ...own }, agent: false, signal })
    let reply: Reply | undefined
    const settle = (error?: Error) => {
      clearTimeout(late)
      if (reply) resolve(reply)
      else reject(error ?? new Error('the connection was closed without an answer'))
      request.destroy()
    }
    const late = setTimeout(() => settle(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    request.on('error', error => settle(new Error(reasonOf(error))))
    request.on('close', () => settle())
    request.on('response', response => {
      const { statusCode: status = 0, headers: given } = response
      let [read, text] = [0, '']
      const note = () => {
        reply = {
          status,
          retryAfter: given['retry-after'],
          text: text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_TEXT),
        }
      }
      note()
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        read += chunk.length
        if (text.length < MOST_TEXT) text += chunk.slice(0, MOST_TEXT)
        note()
        if (read > MOST_BYTES) settle()
      })
      response.on('end', () => settle())
      response.on('error', () => settle())
    })
    request.end(bytes)
  })
}

function reasonOf(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nobody listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the host cannot be resolved'
    case 'ECONNRESET':
      return 'the connection was closed without an answer'
    case 'ABORT_ERR':
      return 'the daemon stops'
    default:
      return error.message.split('\n', 1)[0]
  }
}
