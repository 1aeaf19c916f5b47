import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../src/config.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../src/daemon.ts'
import { silentLogger } from '../src/logger.ts'
import { storedEvents } from './helpers/events.ts'
import { fakeBundle } from './helpers/fake-bundle.ts'
import { FakeFeed } from './helpers/fake-feed.ts'
import { FAKE_SCORER } from './helpers/fake-scorer.ts'
import { type Broker, startBroker } from './helpers/kafka-broker.ts'
import { readTopic } from './helpers/kafka-read.ts'
import { freePort } from './helpers/kafka-setup.ts'
import { kafkaOfOurs } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { until } from './helpers/until.ts'

const kafka = kafkaOfOurs()

const bundle = fakeBundle('pump')
/** An episode of two windows. */
const EPISODE = [0.5, 3, 4, 0.1, 0.1, 0.1]

interface Status {
  readonly status: string
  readonly components: Record<string, { ok: boolean; reason: string }>
}

interface Watched {
  readonly daemon: Daemon
  readonly feed: FakeFeed
}

describe.skipIf(!kafka)('a daemon with Kafka sinks that starts before the brokers', () => {
  const { folder } = temporaryFolder()
  const daemons: Daemon[] = []
  let address: string
  let broker: Broker | undefined
  let away: { events: Status; scores: Status; eventsAcked: number; scoresAcked: number; scored: number }
  let events: Watched
  let scores: Watched

  beforeAll(async () => {
    const port = await freePort()
    address = `127.0.0.1:${port}`
    const first = await started('events', { events_topic: 'events' })
    await until(() => first.feed.acked.length === EPISODE.length)
    await first.daemon.stop()
    events = await started('events', { events_topic: 'events' })
    scores = await started('scores', { events_topic: null, scores_topic: 'scores' })
    await until(() => scores.daemon.sources()[0].account.scored === EPISODE.length)
    await until(async () => (await ready(scores)).components['kafka scores'].reason.includes(address))
    await until(() => events.feed.acked.length === EPISODE.length)
    await until(async () => (await ready(events)).components['kafka events'].reason.includes(address))
    away = {
      events: await ready(events),
      scores: await ready(scores),
      eventsAcked: events.feed.acked.length,
      scoresAcked: scores.feed.acked.length,
      scored: scores.daemon.sources()[0].account.scored,
    }
    broker = await startBroker({ own: true, port })
    for (const topic of ['events', 'scores']) await broker.createTopic(topic)
    for (const each of [events, scores]) await until(async () => (await ready(each)).status === 'ready', 30_000)
  })
  afterAll(async () => {
    await Promise.all(daemons.map(daemon => daemon.stop()))
    await broker?.stop()
  })

  async function started(name: string, topics: object): Promise<Watched> {
    const raw = {
      bundle: 'fake',
      sources: {},
      http: { port: 0 },
      store: { path: join(folder, `${name}.db`) },
      sinks: { kafka: { brokers: [address], ...topics } },
      detector: { threshold: { policy: 'value', value: 1 } },
    }
    const feed = new FakeFeed('pump', EPISODE)
    feed.after = 'silence'
    const readBundle = async () => bundle
    const parts = { logger: silentLogger, scorerModule: FAKE_SCORER, readBundle, feeds: () => [feed] }
    const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), parts)
    daemons.push(daemon)
    await daemon.start()
    return { daemon, feed }
  }

  it('says on /readyz what it lacks', () => {
    const reason = expect.stringContaining(`the broker ${address} cannot be reached`)
    expect(away.events).toMatchObject({ status: 'not ready', components: { 'kafka events': { ok: false, reason } } })
    expect(away.scores).toMatchObject({ status: 'not ready', components: { 'kafka scores': { ok: false, reason } } })
  })

  it('goes on without them, and publishes afterwards what it and the process before it have stored', async () => {
    expect(away.eventsAcked).toBe(EPISODE.length)
    const stored = await storedEvents(join(folder, 'events.db'))
    await until(async () => (await broker!.ends('events'))[0] === stored.length)
    const published = (await readTopic(broker!, 'events')).map(({ value }) => [value.seq, value.event_id])
    expect(published).toEqual(stored.map(({ seq, event }) => [seq, event.eventId]))
    const ids = ['pump/a/4/opened', 'pump/a/4/closed']
    expect(published.map(([, id]) => id).filter(id => ids.includes(id))).toEqual([...ids, ...ids])
  })

  it('acknowledges a window once its score is in the topic', async () => {
    expect(away).toMatchObject({ scored: EPISODE.length, scoresAcked: 0 })
    await until(() => scores.feed.acked.length === EPISODE.length)
    const published = await readTopic(broker!, 'scores')
    expect(published.map(({ value }) => value.score)).toEqual(EPISODE.map(Math.fround))
  })
})

async function ready({ daemon }: Watched): Promise<Status> {
  return (await fetch(`${daemon.address}/readyz`)).json() as Promise<Status>
}
