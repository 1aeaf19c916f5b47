import { AuscultError, ERROR_CODES, type ErrorCode, messageOf } from '../errors.ts'

export interface ClientOptions {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly token?: string
  readonly fetch?: typeof fetch
}

type QueryValue = string | number | boolean | undefined
/** Lists are given one by one. */
export type Query = Readonly<Record<string, QueryValue | readonly string[]>>

/** Bytes of an answer that is no JSON. */
export interface Download {
  readonly bytes: Uint8Array
  readonly name: string
}

/** Answers come from memory or from a local file: a daemon that takes longer than this hangs. */
const PATIENCE_MS = 30_000

/** Asks a running daemon. All methods throw what it refuses with, as it says it, and AUSCULT_UNREACHABLE. */
export class Client {
  readonly url: string
  readonly #base: URL
  readonly #token: string | undefined
  readonly #fetch: typeof fetch

  /** @throws AUSCULT_USAGE when the address is none */
  constructor({ url, token, fetch: ask = fetch }: ClientOptions) {
    this.#base = parseUrl(url)
    this.url = this.#base.href.replace(/\/$/, '')
    this.#token = token
    this.#fetch = ask
  }

  get<T>(path: readonly string[], query: Query = {}): Promise<T> {
    return this.#json('GET', path, query)
  }

  post<T>(path: readonly string[], body: object): Promise<T> {
    return this.#json('POST', path, {}, body)
  }

  put<T>(path: readonly string[], body: object): Promise<T> {
    return this.#json('PUT', path, {}, body)
  }

  delete<T>(path: readonly string[], query: Query): Promise<T> {
    return this.#json('DELETE', path, query)
  }

  /** The same as `get`, also where the status says that the daemon is not well. */
  async health<T>(path: readonly string[]): Promise<T> {
    const response = await this.#send('GET', path, {})
    if (response.status !== 503) await this.#check(response)
    return this.#parse(response)
  }

  async download(path: readonly string[]): Promise<Download> {
    const response = await this.#send('GET', path, {})
    await this.#check(response)
    const disposition = response.headers.get('content-disposition') ?? ''
    const name = /filename="([^"/\\]+)"/.exec(disposition)?.[1] ?? 'clip'
    return { bytes: new Uint8Array(await response.arrayBuffer()), name }
  }

  /** An answer of any length, as it comes. The iteration throws AUSCULT_UNREACHABLE when it is cut off. */
  async stream(path: readonly string[], query: Query): Promise<AsyncGenerator<Uint8Array>> {
    const hasHung = new AbortController()
    const hang = () => hasHung.abort(new DOMException('nothing comes', 'TimeoutError'))
    const timer = setTimeout(hang, PATIENCE_MS)
    const response = await this.#send('GET', path, query, undefined, hasHung.signal).finally(() => clearTimeout(timer))
    await this.#check(response)
    return this.#chunks(response, hang)
  }

  async *#chunks(response: Response, hang: () => void): AsyncGenerator<Uint8Array> {
    const timer = setTimeout(hang, PATIENCE_MS)
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh()
        yield chunk
        timer.refresh()
      }
    } catch (cause) {
      const remedy = 'What has come is not all of it. Ask again; the log of the daemon says why it broke off.'
      const message = 'the answer broke off'
      throw new AuscultError('AUSCULT_UNREACHABLE', message, { at: this.url, remedy, cause, canRetry: true })
    } finally {
      clearTimeout(timer)
    }
  }

  async #json<T>(method: string, path: readonly string[], query: Query, body?: object): Promise<T> {
    const response = await this.#send(method, path, query, body)
    await this.#check(response)
    return this.#parse(response)
  }

  async #send(
    method: string,
    path: readonly string[],
    query: Query,
    body?: object,
    signal = AbortSignal.timeout(PATIENCE_MS),
  ): Promise<Response> {
    const url = new URL(this.url)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${path.map(encodeURIComponent).join('/')}`
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one))
      }
    }
    const headers = {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
      ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
    }
    try {
      return await this.#fetch(url, {
        ...{ method, headers, body: body && JSON.stringify(body), signal },
      })
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  async #check(response: Response): Promise<void> {
    if (response.ok) return
    const problem: unknown = await response.json().catch(() => undefined)
    if (!isProblem(problem)) throw this.#stranger(`status ${response.status}`)
    const { error, code, at, remedy } = problem
    const known = code !== undefined && Object.hasOwn(ERROR_CODES, code)
    throw new AuscultError(known ? (code as ErrorCode) : 'AUSCULT_UNREACHABLE', error, { at, remedy })
  }

  async #parse<T>(response: Response): Promise<T> {
    try {
      return (await response.json()) as T
    } catch {
      throw this.#stranger('something that is not JSON')
    }
  }

  #unreachable(cause: unknown): AuscultError {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    const code = inner instanceof Error && 'code' in inner ? String(inner.code) : ''
    const isLate = inner instanceof Error && inner.name === 'TimeoutError'
    const message = isLate
      ? `the daemon did not answer within ${PATIENCE_MS / 1000} s`
      : code === 'ECONNREFUSED'
        ? 'no daemon listens there'
        : `no daemon can be reached there: ${code || messageOf(inner)}`
    const remedy = isLate
      ? 'Look at its log; a full disk makes it wait.'
      : 'Start one with `auscult run`, or say where it listens: --url or AUSCULT_URL (option http of the daemon).'
    return new AuscultError('AUSCULT_UNREACHABLE', message, { at: this.url, remedy, cause, canRetry: true })
  }

  #stranger(what: string): AuscultError {
    const remedy = 'Check --url (AUSCULT_URL): is it a daemon of this version?'
    return new AuscultError('AUSCULT_UNREACHABLE', `what listens there answered with ${what}`, { at: this.url, remedy })
  }
}

interface Problem {
  readonly error: string
  readonly code?: string
  readonly at?: string
  readonly remedy?: string
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string'

function parseUrl(text: string): URL {
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  if (/^https?:/i.test(full) && URL.canParse(full)) return new URL(full)
  const remedy = 'It is like http://127.0.0.1:8080.'
  throw new AuscultError('AUSCULT_USAGE', `not the address of a daemon: ${text}`, { at: '--url', remedy })
}
