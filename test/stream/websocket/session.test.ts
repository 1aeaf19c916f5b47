import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ViewMessage, Views } from '../../../src/stream/live-view/view-message.ts'
import type { WebSocketHub } from '../../../src/stream/websocket/hub.ts'
import { type Choice, choiceSchema, subscriptionOf } from '../../../src/stream/websocket/subscription.ts'
import type { Score } from '../../../src/types.ts'
import { episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { FakePeer } from '../../helpers/fake-peer.ts'
import { hubWith, STATUS } from '../../helpers/hub.ts'
import { MemoryHistory } from '../../helpers/memory-history.ts'

let history: MemoryHistory
let hub: WebSocketHub
let views: FakeViews
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  history = new MemoryHistory()
  views = new FakeViews()
  hub = hubWith({ history, views, clock: { now: () => 5000, sleep: async () => {} } })
})
afterEach(() => {
  vi.useRealTimers()
})

class FakeViews implements Views {
  readonly listeners = new Map<string, (view: ViewMessage) => void>()

  watch(source: string, listener: (view: ViewMessage) => void) {
    this.listeners.set(source, listener)
    return () => void this.listeners.delete(source)
  }
}

const seconds = (count: number) => vi.advanceTimersByTime(count * 1000)

function join(choice: Partial<Choice> = {}, after?: number): FakePeer {
  const peer = new FakePeer()
  const subscription = subscriptionOf(choiceSchema.parse(choice))
  peer.listener = hub.greet(peer, { subscription, after, store: undefined })
  return peer
}

const say = (peer: FakePeer, message: unknown) =>
  peer.listener!.message(typeof message === 'string' ? message : JSON.stringify(message))

function publish(...events: Parameters<WebSocketHub['event']>[0][]): void {
  for (const event of events) hub.event(event, history.add(event))
}

const score = (source: string, time: number, value = 0.5): Score => ({
  ...{ source, id: `${source}/a/${time}`, index: 0, stream: 'a', offset: time, time, duration: 1 },
  ...{ score: value, threshold: 1, anomalous: value > 1, late: false, latent: new Float32Array(2) },
})

/** What has come since the greeting, once all is through. */
async function heard(peer: FakePeer) {
  for (let i = 0; i < 5; i++) {
    await new Promise(resolve => setImmediate(resolve))
    peer.drain()
  }
  return peer.received.slice(1)
}

const last = async (peer: FakePeer) => (await heard(peer)).at(-1)

describe('what a client hears', () => {
  it('is what it asked for', async () => {
    const some = join({ sources: ['a'], kinds: ['score', 'source'] })
    const all = join()
    for (const source of ['a', 'b']) {
      hub.score(score(source, 1))
      publish(episodeEvent(0, 'opened', source), sourceEvent('silence', source))
    }
    const types = async (peer: FakePeer) => (await heard(peer)).map(({ type }) => type)
    expect(await types(some)).toEqual(['score', 'source.troubled'])
    expect(await types(all)).toHaveLength(6)
  })

  it('is made once, and written once, for all who want the same', async () => {
    const peers = [join(), join(), join({ sources: ['a', 'b'] })]
    const before = peers.map(({ writes }) => writes)
    for (let i = 0; i < 100; i++) hub.score(score('a', i))
    publish(episodeEvent(0, 'opened', 'a'))
    for (const peer of peers) expect(await heard(peer)).toHaveLength(101)
    expect(peers.map(({ writes }, i) => writes - before[i])).toEqual([1, 1, 1])
  })

  it('is one score in so many seconds, of chosen sources every one', async () => {
    const peer = join({ every: 1, detail: ['b'] })
    for (let i = 0; i <= 16; i++) for (const source of ['a', 'b']) hub.score(score(source, i * 250, i))
    const scores = await heard(peer)
    const of = (name: string) =>
      scores.filter(({ source }) => source === name).map(({ score, windows }) => [score, windows])
    expect(of('a')).toEqual([
      [3, 4],
      [7, 4],
      [11, 4],
      [15, 4],
    ])
    expect(of('b')).toHaveLength(17)
    seconds(3)
    expect(await last(peer)).toMatchObject({ source: 'a', score: 16, windows: 1 })
  })

  it('wants scores made only while somebody listens to them', () => {
    expect(hub.wantsScores).toBe(false)
    const quiet = join({ kinds: ['episode'] })
    expect([hub.wantsScores, hub.clients]).toEqual([false, 1])
    const loud = join({ every: 5 })
    expect(hub.wantsScores).toBe(true)
    loud.terminate()
    expect([hub.wantsScores, hub.clients]).toEqual([false, 1])
    quiet.terminate()
    expect(hub.counts.closed.lost).toBe(2)
  })

  it('is how the daemon does, once a second, for those who ask', async () => {
    const [asked, other] = [join({ kinds: ['status'] }), join()]
    seconds(2)
    expect((await heard(asked)).map(({ type }) => type)).toEqual(['status', 'status'])
    expect(await last(asked)).toEqual({ type: 'status', ...STATUS })
    expect(await heard(other)).toEqual([])
  })
})

describe('views', () => {
  const axes = { x: { name: 'time', unit: 's', edges: [0, 1] } }
  const view = (id: string, more = {}): ViewMessage => ({
    ...{ type: 'view', source: 'fan', id, time: 1, duration: 1, score: 1, threshold: 2, anomalous: false, skipped: 0 },
    ...{ rows: 1, columns: 1, low: 0, high: 1, unit: 'dB', features: 'AA==', reconstruction: 'AA==', ...more },
  })

  it('come to those who look, with their axes in the first', async () => {
    const [one, other] = [join({ view: ['fan'] }), join()]
    views.listeners.get('fan')!(view('1', { axes }))
    expect(await heard(one)).toEqual([{ ...view('1'), axes }])
    views.listeners.get('fan')!(view('2'))
    const late = join({ view: ['fan'] })
    views.listeners.get('fan')!(view('3'))
    // The one before is old news.
    expect((await heard(one)).slice(1)).toEqual([view('3')])
    expect(await heard(late)).toEqual([{ ...view('3'), axes }])
    expect(await heard(other)).toEqual([])
    one.terminate()
    expect(views.listeners.size).toBe(1)
    late.terminate()
    expect(views.listeners.size).toBe(0)
  })
})

describe('subscribe', () => {
  it('changes everything at once, and is answered by what is so now', async () => {
    const peer = join({ kinds: ['episode'] })
    publish(episodeEvent(0), sourceEvent('silence'))
    say(peer, { type: 'subscribe', kinds: ['source', 'score'], sources: ['mic'], every: 2, view: ['x', 'x'] })
    publish(episodeEvent(1), sourceEvent('clipping'), sourceEvent('clipping', 'other'))
    expect((await heard(peer)).map(({ type, seq }) => [type, seq])).toEqual([
      ['episode.opened', 1],
      ['subscribed', 2],
      ['source.troubled', 4],
    ])
    expect(peer.received[2]).toEqual({
      ...{
        type: 'subscribed',
        sources: ['mic'],
        kinds: ['score', 'source'],
        every: 2,
        detail: [],
        view: ['x'],
        seq: 2,
      },
    })
    say(peer, { type: 'subscribe' })
    expect(await last(peer)).toMatchObject({ sources: null, every: 0, view: [], seq: 5 })
    expect((await last(peer))?.kinds).toHaveLength(6)
  })

  it.each([
    ['{', 'message', 'not JSON'],
    ['[]', 'type', 'no message of this type'],
    ['null', 'type', 'no message of this type'],
    ['{"type":"unsubscribe"}', 'type', 'no message of this type'],
    ['{"type":"subscribe","source":["a"]}', 'source', 'not known'],
    ['{"type":"subscribe","kinds":["noise"]}', 'kinds.0', 'Invalid option'],
    ['{"type":"subscribe","every":-1}', 'every', '>=0'],
    ['{"type":"subscribe","every":"1"}', 'every', 'expected number'],
    ['{"type":"subscribe","sources":[""]}', 'sources.0', '>=1'],
    ['{"type":"subscribe","view":["a","b","c","d","e"]}', 'view', '<=4'],
    [undefined, 'message', 'text'],
  ])('answers %s with an error, and goes on as before', async (text, at, message) => {
    const peer = join({ kinds: ['episode'] })
    peer.listener!.message(text)
    publish(episodeEvent(0))
    const [error, event] = await heard(peer)
    expect(error).toMatchObject({ type: 'error', code: 'AUSCULT_USAGE', at, message: expect.stringContaining(message) })
    expect(error.remedy).toMatch(/\.$/)
    expect(event).toMatchObject({ type: 'episode.opened' })
    expect(hub.counts.errors).toBe(1)
  })

  it('sends away who makes mistake after mistake, and who says too much', async () => {
    const [wrong, much, pinging] = [join(), join(), join()]
    for (let i = 0; i < 20; i++) say(wrong, '{')
    expect(wrong.closed).toEqual({ code: 1008, reason: 'too many messages that cannot be understood' })
    for (let i = 0; i < 100; i++) say(much, { type: 'subscribe' })
    for (let i = 0; i < 100; i++) pinging.listener!.ping(Buffer.from('x'))
    expect([much.closed?.code, pinging.closed?.code, pinging.pongs]).toEqual([1008, 1008, 60])
    expect([wrong, much, pinging].every(({ isMuted }) => isMuted)).toBe(true)
    for (const peer of [wrong, much, pinging]) peer.terminate()
    expect(hub.counts.closed.flood).toBe(3)
    expect(hub.counts.errors).toBe(11)
  })

  it('lets a page that changes its mind often go on', () => {
    const peer = join()
    for (let i = 0; i < 300; i++) {
      say(peer, { type: 'subscribe', detail: [`${i}`] })
      vi.advanceTimersByTime(150)
      peer.drain()
    }
    expect(peer.closed).toBeUndefined()
  })
})

describe('heartbeats', () => {
  it('say where the client stands, also when nothing that it wants comes', async () => {
    const peer = join({ kinds: ['drift'] })
    publish(episodeEvent(0), episodeEvent(1))
    seconds(10)
    expect(await heard(peer)).toEqual([{ type: 'heartbeat', time: 5000, seq: 2 }])
    peer.listener!.pong()
    seconds(10)
    expect(await heard(peer)).toHaveLength(2)
    expect(peer.pings).toBe(2)
  })

  it('do not run ahead of what the client has been sent', async () => {
    publish(...Array.from({ length: 10 }, (_, i) => episodeEvent(i)))
    const peer = join({}, 4)
    seconds(10)
    peer.drain()
    expect(peer.received.at(-1)).toEqual({ type: 'heartbeat', time: 5000, seq: 4 })
    expect((await heard(peer)).map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9, 10])
  })

  it('drop a client that answers none of two, and none that does', async () => {
    const [dead, alive] = [join(), join()]
    for (let i = 0; i < 12; i++) {
      seconds(5)
      alive.listener!.pong()
    }
    expect([dead.isGone, alive.isGone]).toEqual([true, false])
    expect(hub.counts.closed.silent).toBe(1)
  })

  it('do not drop all clients after the process stood still', () => {
    const peers = [join(), join()]
    seconds(10)
    for (const peer of peers) peer.listener!.pong()
    // As after a suspended machine: the clock has run, and no answer has been looked at.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000)
    seconds(1)
    expect(peers.every(({ isGone }) => !isGone)).toBe(true)
    vi.restoreAllMocks()
  })

  it('take a client that reads slowly for alive', async () => {
    const peer = join()
    for (let i = 0; i < 100; i++) {
      for (let k = 0; k < 50; k++) hub.score(score('a', i * 50 + k))
      await new Promise(resolve => setImmediate(resolve))
      await new Promise(resolve => setImmediate(resolve))
    }
    for (let i = 0; i < 8; i++) {
      peer.drain(20)
      seconds(5)
    }
    expect([peer.isGone, peer.backlog > 0]).toEqual([false, true])
    seconds(40)
    expect(peer.isGone).toBe(true)
  })
})

describe('a slow client', () => {
  it('loses scores, is told how many, and gets its events', async () => {
    const peer = join()
    peer.drain()
    peer.ballast = 300 << 10
    for (let i = 0; i < 5; i++) hub.score(score('a', i))
    publish(episodeEvent(0))
    const messages = await heard(peer)
    expect(messages.map(({ type }) => type)).toEqual(['episode.opened', 'unsent'])
    expect(messages[1]).toEqual({ type: 'unsent', scores: 5, views: 0 })
    expect(hub.counts.unsentScores).toBe(5)
    hub.score(score('a', 6))
    expect((await heard(peer)).map(({ type }) => type)).toEqual(['episode.opened', 'unsent', 'score'])
  })

  it('is sent away when events pile up, with the number to resume after, and misses none', async () => {
    const peer = join()
    publish(episodeEvent(0), episodeEvent(1))
    await heard(peer)
    peer.ballast = 5 << 20
    hub.score(score('a', 1))
    await new Promise(resolve => setImmediate(resolve))
    expect(peer.closed).toBeUndefined()
    publish(episodeEvent(2), episodeEvent(3))
    for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
    expect(peer.closed).toEqual({ code: 4008, reason: 'too slow; resume after seq 2' })
    publish(episodeEvent(4))
    peer.terminate()
    expect(hub.counts.closed.slow).toBe(1)
    const again = join({}, 2)
    expect((await heard(again)).map(({ seq }) => seq)).toEqual([3, 4, 5])
  })
})
