import { AuscultError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import type { WebhookConfig } from './config.ts'
import type { Message } from './message.ts'
import { post, type Reply } from './post.ts'
import { parseSecrets, SECRET_REMEDY, signedHeaders } from './signature.ts'

/** Where messages go, with all that the environment holds of it. */
export class Target {
  readonly #url: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #keys: readonly Buffer[]
  readonly #timeoutMs: number

  /** @throws AUSCULT_CONFIG for variables that are not set, or hold something else than they should */
  constructor(name: string, config: WebhookConfig, env: NodeJS.ProcessEnv) {
    const at = `sinks.webhooks.${name}`
    const { url, url_env, secret_env, headers, headers_env, timeout_seconds } = config
    this.#url = parseUrl(
      url ?? secret(env, url_env!, `${at}.url_env`),
      `${at}.${url === undefined ? 'url_env' : 'url'}`,
    )
    this.#keys = secret_env === undefined ? [] : keysOf(env, secret_env, `${at}.secret_env`)
    const secrets = Object.entries(headers_env).map(([header, variable]) => {
      const value = secret(env, variable, `${at}.headers_env.${header}`)
      if (/^[\t\x20-\x7e]*$/.test(value)) return [header, value] as const
      throw wrong(`${at}.headers_env.${header}`, `${variable} is no value of a header`, 'It is ASCII, on one line.')
    })
    this.#headers = { 'user-agent': `auscult/${VERSION}`, ...headers, ...Object.fromEntries(secrets) }
    this.#timeoutMs = timeout_seconds * 1000
  }

  /** Scheme and host: what is behind them may be a secret. */
  get origin(): string {
    return this.#url.origin
  }

  get isSigned(): boolean {
    return this.#keys.length > 0
  }

  /** @param now ms since the epoch @throws Error when there is no answer */
  send({ id, body }: Message, now: number, signal?: AbortSignal): Promise<Reply> {
    const headers = { ...this.#headers, ...signedHeaders(id, Math.floor(now / 1000), body, this.#keys) }
    return post({ url: this.#url, headers, body, timeoutMs: this.#timeoutMs, signal })
  }
}

function secret(env: NodeJS.ProcessEnv, variable: string, at: string): string {
  const value = env[variable]?.trim()
  if (value) return value
  throw wrong(at, `the environment variable ${variable} is not set`, `Set ${variable} where Auscult is started.`)
}

function keysOf(env: NodeJS.ProcessEnv, variable: string, at: string): readonly Buffer[] {
  const keys = parseSecrets(secret(env, variable, at))
  if (keys) return keys
  throw wrong(at, `the environment variable ${variable} holds no secret of a webhook`, SECRET_REMEDY)
}

function parseUrl(text: string, at: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw wrong(at, 'this is no URL', 'It begins with http:// or https://.')
  if (url.username === '' && url.password === '') return url
  throw wrong(
    at,
    'the URL holds a user or a password',
    'Send them as a header: headers_env: { authorization: VARIABLE }.',
  )
}

const wrong = (at: string, message: string, remedy: string) =>
  new AuscultError('AUSCULT_CONFIG', message, { at, remedy })
