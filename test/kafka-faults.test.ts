import { join } from 'node:path'
import type { Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../src/random.ts'
import type { AuscultEvent, EpisodeEvent } from '../src/types.ts'
import { DaemonProcess } from './helpers/daemon-process.ts'
import { storedEvents } from './helpers/events.ts'
import { writeFrameBundle } from './helpers/frame-bundle.ts'
import { type Broker, startBroker } from './helpers/kafka-broker.ts'
import { type ReadMessage, readTopic } from './helpers/kafka-read.ts'
import { kafkaOfOurs } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { until } from './helpers/until.ts'

const kafka = kafkaOfOurs()

const FRAMES = 100_000
const SIDE = 16
const PARTITIONS = 6
const KEYS = 8
const GROUP = 'faults'
/** Of the frames of a key, `BURST` in every `EVERY` show something, from the `FROM`th on. */
const [EVERY, FROM, BURST] = [250, 100, 5]
const OPEN_AFTER = 2
const THRESHOLD = 0.3
/** Frames that may wait to be scored while faults happen. */
const BACKLOG = 6000
const CHUNK = 600
const SLOW = 24

/** Frame `i` has key `i % KEYS`, and the key's partition. */
const keyOf = (i: number) => i % KEYS
const partitionOf = (i: number) => keyOf(i) % PARTITIONS
const isAnomalous = (i: number) => {
  const nth = Math.floor(i / KEYS) % EVERY
  return nth >= FROM && nth < FROM + BURST
}

/** Offsets of each frame in its partition, by partition. */
function layOut(): { frames: number[][]; bursts: Burst[] } {
  const frames: number[][] = Array.from({ length: PARTITIONS }, () => [])
  const bursts = new Map<string, Burst>()
  for (let i = 0; i < FRAMES; i++) {
    const partition = partitionOf(i)
    const offset = frames[partition].push(i) - 1
    if (!isAnomalous(i)) continue
    const nth = Math.floor(Math.floor(i / KEYS) / EVERY)
    const name = `${keyOf(i)}/${nth}`
    const burst = bursts.get(name) ?? { partition, offsets: [] }
    burst.offsets.push(offset)
    bursts.set(name, burst)
  }
  return { frames, bursts: [...bursts.values()] }
}

interface Burst {
  readonly partition: number
  readonly offsets: number[]
}

/** Sends all frames in order: while `hurry` as fast as they are scored, else `SLOW` a chunk, so that there is work for a daemon that comes. */
class Pump {
  hurry = true
  sent = 0
  readonly #noise: Float32Array[]

  constructor() {
    const random = seeded(11)
    const frame = () => Float32Array.from({ length: SIDE * SIDE }, () => 0.2 * random.uniform())
    this.#noise = Array.from({ length: 64 }, frame)
  }

  async run(producer: Producer, topic: string, scored: () => number): Promise<void> {
    while (this.sent < FRAMES) {
      if (this.hurry) await until(() => this.sent < scored() + BACKLOG, 120_000)
      else await new Promise(resolve => setTimeout(resolve, 100))
      const count = Math.min(this.hurry ? CHUNK : SLOW, FRAMES - this.sent)
      const messages = Array.from({ length: count }, (_, n) => this.#message(this.sent + n))
      // The same producer sends what failed with the same numbers, so that it is there once.
      await until(() => producer.send({ topic, acks: -1, messages }).catch(() => false), 120_000)
      this.sent += count
    }
  }

  #message(i: number) {
    const frame = this.#noise[i % this.#noise.length].map(value => value + (isAnomalous(i) ? 0.8 : 0))
    // No frame is like another, nor are their scores.
    frame[0] = i / FRAMES
    return { partition: partitionOf(i), key: `det-${keyOf(i)}`, value: Buffer.from(frame.buffer) }
  }
}

describe.skipIf(!kafka)('100,000 frames from Kafka', () => {
  const { folder } = temporaryFolder()
  const { frames, bursts } = layOut()
  const checks: { committed: number; bursts: number; missing: string[] }[] = []
  let broker: Broker
  let a: DaemonProcess
  let b: DaemonProcess
  let topic: string
  let scores: ReadMessage[]
  let published: ReadMessage[]
  let scoredNow = 0
  const exits: unknown[] = []
  const timeline: string[] = []
  let stored: AuscultEvent[]
  let over = false

  const storeOf = (name: string) => join(folder, `${name}.db`)

  function daemon(name: string, bundle: string, scoresTopic: string, eventsTopic: string): DaemonProcess {
    const { brokers } = broker
    const source = {
      ...{ type: 'kafka', brokers, topics: [topic], group_id: GROUP, from: 'earliest', payload: { format: 'f32le' } },
      ...{ session_timeout_ms: 2500, max_wait_ms: 100, commit_interval_ms: 100 },
    }
    return new DaemonProcess(folder, name, {
      bundle,
      sources: { det: source },
      scorer: { device: 'cpu' },
      batch: { max: 256, wait_ms: 5 },
      queue: { capacity: 1024 },
      detector: { threshold: { policy: 'value', value: THRESHOLD }, open_after: OPEN_AFTER },
      http: { port: 0 },
      store: { path: storeOf(name) },
      sinks: { kafka: { brokers, events_topic: eventsTopic, scores_topic: scoresTopic } },
    })
  }

  const openedIn = async (name: string) =>
    (await storedEvents(storeOf(name)))
      .map(({ event }) => event)
      .filter((event): event is EpisodeEvent => event.type === 'episode.opened')

  /** Kills daemon A, and looks whether what is committed is in the stores. */
  async function killAndCheck(): Promise<void> {
    await a.kill()
    const committed = await broker.committed(GROUP, topic)
    const opened = await openedIn('a')
    if (b.running) {
      const { episodes } = (await b.get('/v1/episodes?limit=1000')) as {
        episodes: { stream: string; offset: number }[]
      }
      opened.push(...episodes.map(episode => ({ episode }) as unknown as EpisodeEvent))
    } else if (b.lives.length > 0) opened.push(...(await openedIn('b')))
    const places = new Set(opened.map(({ episode }) => `${episode.stream}/${episode.offset}`))
    const due = bursts.filter(({ partition, offsets }) => offsets[OPEN_AFTER - 1] < committed[partition])
    const missing = due
      .map(({ partition, offsets }) => `${topic}/${partition}/${offsets[0]}`)
      .filter(place => !places.has(place))
    checks.push({ committed: committed.reduce((sum, n) => sum + Math.max(0, n), 0), bursts: due.length, missing })
  }

  /** What is known when it stands still. */
  async function standstill(error: unknown): Promise<never> {
    const sources = await Promise.all([a, b].map(daemon => (daemon?.running ? daemon.get('/v1/sources') : undefined)))
    const logs = [a, b].map(daemon => daemon?.log.slice(-20))
    throw new Error([error, ...timeline, ...[...sources, ...logs].map(each => JSON.stringify(each))].join('\n'))
  }

  beforeAll(() => scenario().catch(standstill), 400_000)

  async function scenario(): Promise<void> {
    broker = await startBroker({ own: true, properties: { 'group.min.session.timeout.ms': 1000 } })
    topic = await broker.createTopic('frames', PARTITIONS)
    const scoresTopic = await broker.createTopic('scores', 3)
    const eventsTopic = await broker.createTopic('events', 2)
    const bundle = await writeFrameBundle(folder, SIDE)
    a = daemon('a', bundle, scoresTopic, eventsTopic)
    b = daemon('b', bundle, scoresTopic, eventsTopic)
    const producer = await broker.producer()
    const counting = (async () => {
      while (!over) {
        const ends = await broker.ends(scoresTopic).catch(() => [])
        scoredNow = Math.max(
          scoredNow,
          ends.reduce((sum, end) => sum + end, 0),
        )
        await new Promise(resolve => setTimeout(resolve, 150))
      }
    })()
    const started = performance.now()
    const say = (what: string) =>
      timeline.push(`${((performance.now() - started) / 1000).toFixed(1)} s, ${scoredNow} scored: ${what}`)
    const pump = new Pump()
    const hurry = async (frames: number) => {
      pump.hurry = true
      const goal = scoredNow + frames
      await until(() => scoredNow >= goal, 120_000)
      pump.hurry = false
    }
    const joins = async (daemon: DaemonProcess) => {
      await daemon.start()
      await until(() => daemon.scored > 100, 120_000)
    }

    await a.start()
    const pumping = pump.run(producer, topic, () => scoredNow)
    pumping.catch(error => timeline.push(`no more frames are sent: ${error}`))
    await hurry(12_000)
    say('kill the daemon')
    await killAndCheck()
    await joins(a)
    await hurry(12_000)
    say('a second daemon joins')
    await joins(b)
    await hurry(12_000)
    say('kill the first daemon')
    await killAndCheck()
    await joins(a)
    await hurry(10_000)
    say('restart the broker')
    await Promise.all([broker.restart(), hurry(12_000)])
    say('the second daemon leaves')
    exits.push(...(await Promise.all([b.stop(), hurry(10_000)])).slice(0, 1))
    say('kill the daemon')
    await killAndCheck()
    await a.start()
    pump.hurry = true
    await pumping
    say('all frames are sent')
    const ends = await broker.ends(topic)
    await until(async () => (await broker.committed(GROUP, topic)).every((offset, i) => offset === ends[i]), 120_000)
    say('all frames are committed')
    exits.push(await a.stop())
    over = true
    await counting
    scores = await readTopic(broker, scoresTopic)
    published = await readTopic(broker, eventsTopic)
    stored = [...(await storedEvents(storeOf('a'))), ...(await storedEvents(storeOf('b')))].map(({ event }) => event)
    say('read back')
    await producer.disconnect()
  }

  afterAll(async () => {
    over = true
    await Promise.all([a?.kill(), b?.kill()])
    await broker?.stop()
  })

  it('are each scored at least once, though the daemon was killed three times', () => {
    const places = new Set(scores.map(({ value }) => `${value.stream}/${value.offset}`))
    const lost = frames.flatMap((own, partition) =>
      own.map((_, offset) => `${topic}/${partition}/${offset}`).filter(place => !places.has(place)),
    )
    expect(lost).toEqual([])
    expect(places.size).toBe(FRAMES)
  })

  it('have scores whose duplicates can be told by their id, and are the same to the last bit', () => {
    const byId = new Map<string, ReadMessage[]>()
    for (const score of scores) byId.set(score.value.id, [...(byId.get(score.value.id) ?? []), score])
    expect(byId.size).toBe(FRAMES)
    const different = [...byId].filter(([, all]) => new Set(all.map(({ value }) => value.score)).size > 1)
    expect(different.map(([id]) => id)).toEqual([])
    const wrong = scores.filter(({ value: { stream, offset, source, anomalous } }) => {
      const frame = frames[Number(stream.split('/')[1])][offset]
      return source !== `det/det-${keyOf(frame)}` || anomalous !== isAnomalous(frame)
    })
    expect(wrong).toEqual([])
    const again = scores.length - byId.size
    expect(again).toBeLessThan(FRAMES / 2)
    timeline.push(`${again} scores came again (${((100 * again) / FRAMES).toFixed(1)} %)`)
    console.log(timeline.join('\n'))
  })

  it('are accounted for in every scrape of every life', () => {
    const lives = [...a.lives, ...b.lives]
    expect(lives).toHaveLength(5)
    expect(lives.flatMap(life => life.breaches)).toEqual([])
    expect(lives.reduce((sum, life) => sum + life.scrapes, 0)).toBeGreaterThan(20)
    for (const life of lives) {
      expect(life.scrapes).toBeGreaterThan(0)
      expect(life.scored).toBeGreaterThan(100)
      expect(life).toMatchObject({ dropped: 0, failed: 0 })
    }
  })

  it('have their events in the store before they are committed', () => {
    expect(checks.flatMap(({ missing }) => missing)).toEqual([])
    expect(checks.map(({ bursts: due }) => due > 0)).toEqual([true, true, true])
  })

  it('have all events of the stores in the topic of events, those of a source in order', () => {
    const ids = new Set(published.map(({ headers }) => headers.event_id))
    expect(stored.map(({ eventId }) => eventId).filter(id => !ids.has(id))).toEqual([])
    // A daemon that is killed between sending and noting that may send them again.
    const seen = new Map<string, number[]>()
    for (const { key, value, headers } of published) {
      const order = `${headers.store} ${key}`
      const numbers = seen.get(order) ?? []
      if (!numbers.includes(value.seq)) numbers.push(value.seq)
      seen.set(order, numbers)
    }
    for (const numbers of seen.values()) expect(numbers).toEqual(numbers.toSorted((x, y) => x - y))
  })

  it('leave no episode open, and each burst in one', () => {
    const episodes = stored.filter((event): event is EpisodeEvent => 'episode' in event)
    const opened = new Set(episodes.filter(({ type }) => type === 'episode.opened').map(({ episode }) => episode.id))
    for (const { type, episode } of episodes) if (type === 'episode.closed') opened.delete(episode.id)
    expect([...opened]).toEqual([])
    const places = new Set(episodes.map(({ episode }) => `${episode.stream}/${episode.offset}`))
    const missed = bursts.filter(
      ({ partition, offsets }) => !offsets.some(offset => places.has(`${topic}/${partition}/${offset}`)),
    )
    expect(missed).toEqual([])
  })

  it('end in good order', () => {
    expect(exits).toEqual([0, 0])
  })
})
