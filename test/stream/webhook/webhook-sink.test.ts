import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { checkConfig } from '../../../src/config.ts'
import { silentLogger } from '../../../src/logger.ts'
import { webhookSchema } from '../../../src/stream/webhook/config.ts'
import { type WebhookOutbox, WebhookSink } from '../../../src/stream/webhook/webhook-sink.ts'
import type { AuscultEvent } from '../../../src/types.ts'
import { decisionEvent, episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { MemoryOutbox } from '../../helpers/memory-outbox.ts'
import { Receiver, status } from '../../helpers/receiver.ts'
import { until } from '../../helpers/until.ts'

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`
/** Waits that a test can wait for. */
const quick = { first_seconds: 0.01, last_seconds: 0.05 }

let receiver: Receiver
let store: MemoryOutbox
let sinks: WebhookSink[]
let logged: string[]
beforeEach(async () => {
  receiver = await new Receiver().start()
  store = new MemoryOutbox()
  sinks = []
  logged = []
})
afterEach(async () => {
  await Promise.all(sinks.map(sink => sink.stop(Date.now() + 2000)))
  await receiver.stop()
})

const note = (details: unknown, message?: unknown) => void logged.push(`${message} ${JSON.stringify(details)}`)
const logger = Object.assign(Object.create(silentLogger), {
  info: note,
  warn: note,
  error: note,
}) as typeof silentLogger

async function start(
  config: object = {},
  { clock = systemClock, outbox = store, env = {} }: { clock?: Clock; outbox?: WebhookOutbox; env?: object } = {},
): Promise<WebhookSink> {
  const checked = checkConfig({ url: receiver.url, retry: quick, ...config }, webhookSchema, 'test')
  const options = { publicUrl: 'https://hall-3.example.org/', clock, logger, env: env as NodeJS.ProcessEnv }
  const sink = new WebhookSink({ name: 'team', config: checked, store: outbox, ...options })
  await sink.start()
  sinks.push(sink)
  return sink
}

/** Stores events, and tells the sink, as the publisher does. */
async function publish(sink: WebhookSink | undefined, ...events: AuscultEvent[]): Promise<void> {
  const numbers = await store.append(events)
  for (const [i, event] of events.entries()) sink?.event(event, numbers[i])
}

const opened = (offset: number) => episodeEvent(offset)
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const cursor = () => store.cursor('webhook/team')

describe('a webhook', () => {
  it('is told what happened, for people and for programs', async () => {
    const sink = await start(
      { headers: { 'X-Line': '3' }, headers_env: { authorization: 'TOKEN' } },
      { env: { TOKEN: 'Bearer x' } },
    )
    await publish(sink, opened(5))
    await until(() => sink.lag === 0)
    const [{ headers, body }] = receiver.received
    expect(body).toEqual({
      text: 'mic is anomalous: score 2.5, ×2.5 the threshold (1970-01-01T00:00:00.005Z) https://hall-3.example.org/#/episode/mic%2Fa%2F5',
      link: 'https://hall-3.example.org/#/episode/mic%2Fa%2F5',
      time: '1970-01-01T00:00:00.005Z',
      store: store.id,
      event: expect.objectContaining({ seq: 1, type: 'episode.opened', event_id: 'mic/a/5/opened' }),
    })
    expect(headers).toMatchObject({
      ...{ 'content-type': 'application/json', 'x-line': '3', authorization: 'Bearer x' },
      ...{ 'webhook-id': 'mic/a/5/opened', 'user-agent': expect.stringMatching(/^auscult\//) },
    })
    expect(headers['webhook-signature']).toBeUndefined()
    expect(sink.outcomes).toEqual({ delivered: 1, failed: 0, refused: 0, given_up: 0 })
    expect(sink.status()).toEqual({ ok: true, reason: `${new URL(receiver.url).origin}: 1 delivered` })
    await until(async () => (await cursor()) === 1)
  })

  it('can check the signature, whichever of two secrets it knows', async () => {
    const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    const sink = await start({ secret_env: 'SECRET' }, { env: { SECRET: `${SECRET} ${other}` } })
    await publish(sink, opened(5))
    await until(() => receiver.received.length === 1)
    const [{ headers, text }] = receiver.received
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    const expected = [SECRET, other].map(secret => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(expected.join(' '))
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(5)
  })

  it('begins with what happens from now on, and goes on where it was', async () => {
    await publish(undefined, opened(1), opened(2))
    const first = await start()
    await publish(first, opened(3))
    await until(() => receiver.received.length === 1)
    await first.stop(Date.now() + 2000)
    await publish(undefined, opened(4), opened(5))
    const second = await start()
    await until(() => second.lag === 0)
    expect(receiver.seqs).toEqual([3, 4, 5])
  })

  it('hears only of what it wants to hear', async () => {
    const sink = await start({ on: ['episode.opened', 'decision'], sources: ['mic', 'pump'], min_score: 2 })
    const muted = opened(7)
    await publish(
      sink,
      ...[
        opened(1),
        episodeEvent(1, 'closed'),
        sourceEvent('silence'),
        decisionEvent(5),
        episodeEvent(3, 'opened', 'fan'),
      ],
      ...[{ ...muted, episode: { ...muted.episode, muted: { id: 'm1', reason: 'mute' as const } } }, opened(8)],
      { ...opened(9), episode: { ...opened(9).episode, peakScore: 1.9 } },
    )
    await until(() => sink.lag === 0)
    expect(receiver.seqs).toEqual([1, 4, 7])
    // What nobody wants is not read again either.
    await until(async () => (await cursor()) === 8)
  })

  it('is told that an episode it heard of is muted from now on', async () => {
    const sink = await start({ on: ['episode'] })
    const { episode, ...rest } = episodeEvent(1, 'muted')
    await publish(sink, { ...rest, episode: { ...episode, muted: { id: 'm1', reason: 'mute' } } })
    await until(() => receiver.received.length === 1)
    expect(receiver.received[0].body.text).toContain('the episode of mic is muted (m1)')
  })

  it('is not rung by what others write', async () => {
    const sink = await start({ on: ['decision'] })
    await publish(sink, { ...decisionEvent(1), note: 'see <https://evil|the page> & tell @channel, <!here>' })
    await until(() => receiver.received.length === 1)
    const { text } = receiver.received[0].body
    expect(text).toContain('see &lt;https://evil|the page&gt; &amp; tell @\u200bchannel, &lt;!here&gt;')
  })
})

describe('a receiver in trouble', () => {
  it('that is down gets everything afterwards, in order', async () => {
    await receiver.stop()
    const sink = await start()
    await publish(sink, ...numbers(1, 250).map(opened))
    await until(() => sink.outcomes.failed >= 3)
    expect(sink.lag).toBe(250)
    expect(sink.status().reason).toMatch(/^http:\/\/127\.0\.0\.1:\d+: nobody listens there; 250 events wait$/)
    await receiver.start()
    await until(() => sink.lag === 0)
    expect(receiver.seqs).toEqual(numbers(1, 250))
    expect(sink.status().ok).toBe(true)
    expect(logged.filter(line => line.startsWith('a webhook cannot be served'))).toHaveLength(1)
    expect(logged.some(line => line.startsWith('a webhook is served again'))).toBe(true)
  })

  it.each([500, 502, 503, 408, 429])('that answers %i is asked again', async code => {
    receiver.answer = status(code)
    const sink = await start()
    await publish(sink, opened(1))
    await until(() => sink.outcomes.failed >= 2)
    receiver.answer = status(200, {}, 'ok')
    await until(() => sink.lag === 0)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(sink.outcomes).toMatchObject({ delivered: 1, refused: 0, given_up: 0 })
  })

  it.each([400, 401, 404, 413, 301])('that answers %i does not get this event, but the next', async code => {
    receiver.answer = status(code, { location: receiver.url }, 'no such\nchannel')
    const sink = await start()
    await publish(sink, opened(1))
    await until(() => sink.outcomes.refused === 1)
    receiver.answer = status(200)
    await publish(sink, opened(2))
    await until(() => sink.lag === 0)
    expect(receiver.seqs).toEqual([1, 2])
    const line = logged.find(each => each.startsWith('a webhook refused an event, which is given up'))
    expect(line).toMatch(new RegExp(`"event":1,"reason":"status ${code}: no such channel`))
    expect(line).not.toContain('secret-path')
  })

  it('that is gone is left alone until a test reaches it', async () => {
    receiver.answer = status(410)
    const sink = await start()
    await publish(sink, opened(1), opened(2))
    await until(() => sink.outcomes.refused === 1)
    await publish(sink, opened(3))
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(receiver.seqs).toEqual([1])
    expect(sink.status()).toMatchObject({ ok: false, reason: expect.stringContaining('3 events wait') })
    receiver.answer = status(204)
    expect(await sink.test()).toMatchObject({ delivered: true })
    await until(() => sink.lag === 0)
    expect(receiver.seqs).toEqual([1, undefined, 1, 2, 3])
  })

  it('is left alone for as long as it asks for, and no longer than an hour', async () => {
    const slept: number[] = []
    const clock: Clock = {
      now: () => 1_000_000_000_000,
      sleep: async ms => {
        slept.push(ms)
      },
    }
    const answers = [
      status(429, { 'retry-after': '7' }),
      status(503, { 'retry-after': new Date(1_000_000_090_000).toUTCString() }),
      status(503, { 'retry-after': '99999999' }),
      status(503, { 'retry-after': 'soon' }),
    ]
    receiver.answer = (response, received) => (answers.shift() ?? status(200))(response, received)
    const sink = await start({}, { clock })
    await publish(sink, opened(1))
    await until(() => sink.lag === 0)
    expect(slept.slice(0, 3)).toEqual([7000, 90_000, 3_600_000])
    expect(slept[3]).toBeLessThan(60)
  })

  it('is waited for longer and longer', async () => {
    const slept: number[] = []
    const clock: Clock = { now: Date.now, sleep: async ms => void slept.push(ms) }
    receiver.answer = (response, received) => status(slept.length < 6 ? 500 : 200)(response, received)
    const sink = await start({ retry: { first_seconds: 1, last_seconds: 8 } }, { clock })
    await publish(sink, opened(1))
    await until(() => sink.lag === 0)
    for (const [i, most] of [1000, 2000, 4000, 8000, 8000, 8000].entries()) {
      expect(slept[i]).toBeGreaterThanOrEqual(most / 2)
      expect(slept[i]).toBeLessThanOrEqual(most)
    }
  })

  it('that cannot take one event gets the next after a day of waiting, whatever the clock says', async () => {
    let now = 0
    let slept = 0
    const clock: Clock = {
      now: () => now,
      sleep: async ms => {
        slept += ms
        now += slept % 2 < 1 ? 30 * 86_400_000 : -86_400_000
      },
    }
    receiver.answer = (response, { body }) => response.writeHead(body.event.seq === 1 ? 500 : 204).end()
    const sink = await start({ retry: { first_seconds: 21_600, last_seconds: 21_600 } }, { clock })
    await publish(sink, opened(1), opened(2))
    await until(() => sink.lag === 0)
    expect(slept).toBeGreaterThan(86_400_000 - 1000)
    expect(slept).toBeLessThan(86_400_000 + 21_600_000)
    expect(sink.outcomes).toMatchObject({ given_up: 1, delivered: 1 })
    expect(receiver.seqs.at(-1)).toBe(2)
  })

  it('that hangs, closes, or never ends is no trouble for long', async () => {
    const cases: [string, Receiver['answer']][] = [
      ['no answer within 0.5 s', () => {}],
      ['the connection was closed without an answer', response => response.destroy()],
      ['status 500', response => response.writeHead(500).write('x')],
      [
        'status 503',
        response => {
          response.writeHead(503)
          const pour = () => {
            if (!response.destroyed) response.write('y'.repeat(65_536), pour)
          }
          pour()
        },
      ],
    ]
    const sink = await start({ timeout_seconds: 0.5 })
    for (const [reason, answer] of cases) {
      receiver.answer = answer
      const from = performance.now()
      expect(await sink.test()).toMatchObject({ delivered: false, reason: expect.stringContaining(reason) })
      expect(performance.now() - from).toBeLessThan(2000)
    }
    // The answer counts, however long the rest of it takes.
    receiver.answer = response => response.writeHead(200).write('{')
    expect(await sink.test()).toMatchObject({ delivered: true })
  })

  it('does not keep the daemon from stopping', async () => {
    receiver.answer = () => {}
    const sink = await start({ timeout_seconds: 60 })
    await publish(sink, opened(1))
    await until(() => receiver.received.length === 1)
    const from = Date.now()
    await sink.stop(from + 1000)
    expect(Date.now() - from).toBeLessThan(1000)
    expect(await cursor()).toBe(0)
  })

  it('makes the daemon not ready after a minute', async () => {
    let now = 0
    const clock: Clock = { now: () => now, sleep: systemClock.sleep }
    receiver.answer = status(500)
    const sink = await start({}, { clock })
    await publish(sink, opened(1))
    await until(() => sink.outcomes.failed > 0)
    expect(sink.status().ok).toBe(true)
    now = 61_000
    expect(sink.status()).toMatchObject({ ok: false, reason: expect.stringContaining('status 500; 1 events wait') })
  })
})

describe('the store', () => {
  it('that fails is asked again', async () => {
    let failures = 0
    const fail = async () => {
      failures++
      throw new Error('the store is opened again')
    }
    const outbox: WebhookOutbox = {
      id: store.id,
      last: 0,
      cursor: name => store.cursor(name),
      textsAfter: (after, limit) => (failures < 1 ? fail() : store.textsAfter(after, limit)),
      setCursor: (...args) => (failures < 2 ? fail() : store.setCursor(...args)),
    }
    const sink = await start({}, { outbox })
    await publish(sink, opened(1))
    await until(() => sink.lag === 0)
    expect([failures, receiver.seqs]).toEqual([2, [1]])
  })

  it('may be another one, which counts anew', async () => {
    await store.setCursor('webhook/team', 500)
    const sink = await start()
    await publish(sink, opened(1))
    await until(() => receiver.received.length === 1)
  })
})

describe('what is configured', () => {
  const refusal = async (config: object, env: object = {}) => {
    const checked = checkConfig({ retry: quick, ...config }, webhookSchema, 'test')
    const options = { publicUrl: null, clock: systemClock, logger, store, env: env as NodeJS.ProcessEnv }
    return new WebhookSink({ name: 'team', config: checked, ...options }).start().then(
      () => 'started',
      error => String(error),
    )
  }

  it.each([
    [{ url: 'http://x', secret_env: 'SECRET' }, {}, 'the environment variable SECRET is not set'],
    [{ url: 'http://x', secret_env: 'SECRET' }, { SECRET: 'whsec_c2hvcnQ=' }, 'openssl rand -base64 32'],
    [{ url: 'http://x', secret_env: 'SECRET' }, { SECRET: 'a password of mine' }, 'holds no secret of a webhook'],
    [{ url_env: 'URL' }, { URL: 'hooks.example.org' }, 'sinks.webhooks.team.url_env: this is no URL'],
    [{ url: 'http://ada:pw@x' }, {}, 'the URL holds a user or a password'],
    [{ url: 'http://x', headers_env: { a: 'A' } }, { A: 'x\ny' }, 'A is no value of a header'],
  ])('and cannot work is refused at the start: %o', async (config, env, message) => {
    const text = await refusal(config, env)
    expect(text).toContain('AUSCULT_CONFIG')
    expect(text).toContain(message)
    for (const secret of Object.values(env)) if (secret !== 'x\ny') expect(text).not.toContain(secret)
  })

  it.each([
    [{}, 'name a url or a url_env'],
    [{ url: 'http://x', url_env: 'X' }, 'name a url or a url_env'],
    [{ url: 'ftp://x' }, 'must be a URL'],
    [{ url: 'http://x', on: ['episode.begun'] }, 'a kind of events'],
    [{ url: 'http://x', headers: { 'Webhook-Id': 'x' } }, 'set by Auscult itself'],
    [{ url: 'http://x', headers: { a: 'x\r\nHost: y' } }, 'ASCII on one line'],
    [{ url: 'http://x', secret: 'whsec_x' }, 'unknown option'],
  ])('and is wrong is refused: %o', (config, message) => {
    expect(() => checkConfig(config, webhookSchema, 'test')).toThrow(message)
  })
})
