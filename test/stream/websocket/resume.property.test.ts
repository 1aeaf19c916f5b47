import fc from 'fast-check'
import { expect, it } from 'vitest'
import { kindOf } from '../../../src/stream/event-facts.ts'
import type { WebSocketHub } from '../../../src/stream/websocket/hub.ts'
import { KINDS, type Kind } from '../../../src/stream/websocket/kinds.ts'
import { choiceSchema, subscriptionOf } from '../../../src/stream/websocket/subscription.ts'
import type { AuscultEvent } from '../../../src/types.ts'
import { decisionEvent, episodeEvent, sourceEvent } from '../../helpers/events.ts'
import { FakePeer, type Said } from '../../helpers/fake-peer.ts'
import { hubWith } from '../../helpers/hub.ts'
import { MemoryHistory } from '../../helpers/memory-history.ts'
import { until } from '../../helpers/until.ts'

interface Wanted {
  readonly sources: string[] | null
  readonly kinds: Kind[]
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  sources: fc.option(fc.subarray(['a', 'b', 'c'], { minLength: 1 }), { nil: null }),
  kinds: fc.oneof(fc.constant<Kind[]>([...KINDS]), fc.subarray<Kind>([...KINDS], { minLength: 1 })),
})

const event = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map(source => episodeEvent(1, 'opened', source)),
  fc.constantFrom('a', 'b').map(source => sourceEvent('silence', source)),
  // A decision about all sources concerns everybody.
  fc.constantFrom('a', '').map(source => decisionEvent(1, source)),
)

const events = fc.oneof(
  { weight: 4, arbitrary: fc.array(event, { minLength: 1, maxLength: 4 }) },
  // More than a page of the store.
  { weight: 1, arbitrary: fc.array(event, { minLength: 101, maxLength: 150 }) },
)

type Step =
  | { readonly do: 'publish'; readonly events: AuscultEvent[]; readonly late: number }
  | { readonly do: 'score'; readonly count: number }
  | { readonly do: 'drain'; readonly writes: number }
  | { readonly do: 'wait'; readonly turns: number }
  | { readonly do: 'kill' }
  | { readonly do: 'stall' }
  | { readonly do: 'subscribe'; readonly wanted: Wanted }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('publish' as const), events, late: fc.constantFrom(0, 2, 12) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('score' as const), count: fc.constantFrom(1, 20) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('drain' as const), writes: fc.constantFrom(1, 3, 1000) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('subscribe' as const), wanted }) },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
)

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

/** Answers take a while, and tell what was so when they were asked for. */
class SlowHistory extends MemoryHistory {
  #reads = 0

  override async textsAfter(...query: Parameters<MemoryHistory['textsAfter']>) {
    const answer = await super.textsAfter(...query)
    await turns(this.#reads++ % 4)
    return answer
  }
}

/** A client that keeps what it was told over all its connections, as an honest one would. */
class Follower {
  peer!: FakePeer
  /** Events by number, in order, with what was wanted when they came. */
  readonly got: { readonly seq: number; readonly wanted: Wanted }[] = []
  /** Where what is wanted changed. */
  readonly changes: { readonly after: number; readonly wanted: Wanted }[]
  scores = 0
  unsent = 0
  readonly #hub: WebSocketHub
  #asked: Wanted[] = []
  #now: Wanted
  #after = 0
  #read = 0

  constructor(hub: WebSocketHub, first: Wanted) {
    this.#hub = hub
    this.#now = first
    this.changes = [{ after: 0, wanted: first }]
    this.connect()
  }

  connect(): void {
    this.peer = new FakePeer()
    this.#read = 0
    // What was asked for and not answered is asked for again, from where it stands.
    const last = this.#asked.at(-1)
    if (last) {
      this.#now = last
      this.changes.push({ after: this.#after, wanted: last })
    }
    this.#asked = []
    const subscription = subscriptionOf(choiceSchema.parse(this.#now))
    this.peer.listener = this.#hub.greet(this.peer, { subscription, after: this.#after, store: 'test' })
  }

  subscribe(to: Wanted): void {
    this.#asked.push(to)
    this.peer.listener!.message(JSON.stringify({ type: 'subscribe', ...to }))
  }

  read(): void {
    for (const message of this.peer.received.slice(this.#read)) this.#hear(message)
    this.#read = this.peer.received.length
  }

  /** Goes on where it was told to, once it has read what came before. */
  sentAway(): void {
    this.peer.drain()
    this.read()
    const { code, reason } = this.peer.closed!
    expect(code).toBe(4008)
    this.#after = Number(/^too slow; resume after seq (\d+)$/.exec(reason)![1])
    stalls++
    this.peer.terminate()
    this.connect()
  }

  #hear({ type, seq = 0, scores, resumed }: Said): void {
    if (type === 'score') this.scores++
    else if (type === 'unsent') this.unsent += scores as number
    else if (type === 'hello') expect(resumed).toBe(true)
    else if (type === 'subscribed') {
      this.#now = this.#asked.shift()!
      this.changes.push({ after: seq, wanted: this.#now })
      // All that was wanted up to there has come.
      this.#after = seq
    } else if (type !== 'heartbeat') {
      this.got.push({ seq, wanted: this.#now })
      this.#after = seq
    }
  }
}

let stalls = 0
let kept = 0

it('misses no event and gets none twice, whatever is cut, slow or asked for anew', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, steps, async (first, todo) => {
      const history = new SlowHistory()
      const hub = hubWith({ history })
      const all: AuscultEvent[] = []
      const follower = new Follower(hub, first)
      let given = 0
      for (const step of todo) {
        if (step.do === 'publish') {
          const numbers = step.events.map(event => history.add(event))
          all.push(...step.events)
          // Events are in the store for a while before they are told.
          for (let i = 0; i < step.late; i++) {
            follower.peer.drain()
            await turns(1)
          }
          follower.read()
          for (const [i, event] of step.events.entries()) hub.event(event, numbers[i])
        } else if (step.do === 'score') {
          for (let i = 0; i < step.count; i++) hub.score(score(given++))
        } else if (step.do === 'drain') {
          follower.peer.drain(step.writes)
          follower.read()
        } else if (step.do === 'wait') {
          await turns(step.turns)
        } else if (step.do === 'stall') {
          follower.peer.ballast = 5 << 20
        } else if (step.do === 'kill') {
          follower.peer.terminate()
          follower.connect()
        } else {
          follower.subscribe(step.wanted)
        }
        if (follower.peer.closed) follower.sentAway()
      }
      const isWanted = (seq: number): boolean => {
        const event = all[seq - 1]
        const { sources, kinds } = follower.changes.findLast(({ after }) => after < seq)!.wanted
        const source = 'episode' in event ? event.episode.source : event.source
        return kinds.includes(kindOf(event.type)) && (sources === null || source === '' || sources.includes(source))
      }
      const expected = () => all.map((_, i) => i + 1).filter(isWanted)
      const settle = async () => {
        await turns(4)
        follower.peer.drain()
        follower.read()
        if (follower.peer.closed) follower.sentAway()
      }
      await settle()
      await until(async () => {
        await settle()
        return follower.got.length >= expected().length
      })
      await settle()
      kept += expected().length
      follower.peer.terminate()
      await hub.stop()
      expect(follower.got.map(({ seq }) => seq)).toEqual(expected())
    }),
    { numRuns: 80 },
  )
  // Or it would have shown nothing.
  expect(stalls).toBeGreaterThan(5)
  expect(kept).toBeGreaterThan(1000)
}, 60_000)

function score(index: number) {
  return {
    ...{ source: 'a', id: `a/a/${index}`, index, stream: 'a', offset: index, time: index, duration: 1 },
    ...{ score: 2, threshold: 1, anomalous: true, late: false, latent: new Float32Array(0) },
  }
}
