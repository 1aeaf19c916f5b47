import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { checkConfig } from '../../src/config.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../../src/daemon.ts'
import { daemonConfig, trainingConfig } from '../../src/demo/configs.ts'
import { silentLogger } from '../../src/logger.ts'
import { trainConfigSchema } from '../../src/train/config.ts'
import { type Fault, recordWav, Synthesizer } from '../../src/train/synth/index.ts'
import { runTraining } from '../../src/train/train.ts'
import { FloodingFeed, TroubledFeed } from './troubled-feeds.ts'
import { until } from './until.ts'

const SEED = 1
const TAKES = 8
const TAKE_SECONDS = 12
/** Times real time that the demo's feed plays at. */
const SPEED = 8
/** Of the demo's kinds, and long enough after them that what they alert of is over before they come again. */
const FAULTS: readonly Fault[] = [
  { kind: 'belt-squeal', onset: 24, duration: 12, severity: 1 },
  { kind: 'leak-hiss', onset: 38, duration: 10, severity: 1 },
]
const FEED_SECONDS = 130
/** Windows that a feed may have waiting. */
const CAPACITY = 16

/** Drift is seen within seconds instead of hours. */
const DRIFT = { block: 1, block_windows: 1, warmup: 10, settle: 0, memory: 30, psi: 0.05, psi_over: 0.01 }

/** Sources of the watched daemon: the feed of the demo's machine twice, a folder, and two that are in trouble. */
export const WATCHED = ['fan', 'spare', 'inbox', 'press', 'mill'] as const

/** Trains on a short recording of the demo's machine. @returns the bundle's folder, and a feed of it with faults */
async function prepare(folder: string): Promise<{ bundle: string; feed: string }> {
  const recordings = join(folder, 'recordings')
  mkdirSync(recordings, { recursive: true })
  for (let take = 1; take <= TAKES; take++) {
    await recordWav(join(recordings, `${take}.wav`), new Synthesizer({ seed: SEED, take }), TAKE_SECONDS)
  }
  const feed = join(folder, 'feed.wav')
  await recordWav(feed, new Synthesizer({ seed: SEED, faults: FAULTS }), FEED_SECONDS)
  const bundle = join(folder, 'bundle')
  const { training, ...config } = trainingConfig(recordings, bundle, SEED)
  const short = { ...config, training: { ...training, epochs: 8 } }
  await runTraining(checkConfig(short, trainConfigSchema, 'test'), { checkpoint: false })
  return { bundle, feed }
}

export interface WatchedDaemon {
  readonly daemon: Daemon
  readonly address: string
  /** Folder of the source `inbox`, which is down while it is not there. */
  readonly inbox: string
  stop(): Promise<void>
}

/** A daemon that plays the feed of the demo's machine over and over, with everything else that dashboards show: troubles, losses, mutes, clients. */
export async function startWatchedDaemon(folder: string, webhook: string): Promise<WatchedDaemon> {
  const { bundle, feed } = await prepare(folder)
  const inbox = join(folder, 'inbox')
  mkdirSync(inbox)
  const demo = daemonConfig(feed, bundle, 0, SPEED)
  const config = checkConfig(
    {
      ...demo,
      sources: {
        ...demo.sources,
        spare: demo.sources.fan,
        inbox: { type: 'folder', path: inbox, rescan_seconds: 0.2 },
      },
      queue: { capacity: CAPACITY },
      drift: DRIFT,
      store: { path: join(folder, 'events.db') },
      evidence: { path: join(folder, 'evidence') },
      websocket: { max_clients: 1 },
      sinks: { webhooks: { pager: { url: webhook } } },
    },
    daemonConfigSchema,
    'test',
  )
  const daemon = createDaemon(config, {
    logger: silentLogger,
    feeds: spec => [new TroubledFeed('press', spec, 0.7), new FloodingFeed('mill', spec)],
  })
  await daemon.start()
  const address = daemon.address!
  for (const source of ['spare', 'press', 'mill']) await daemon.decisions!.mute({ source }, null, { who: 'ada' })
  const client = await connect(address)
  return {
    daemon,
    address,
    inbox,
    async stop() {
      client.terminate()
      await daemon.stop()
    },
  }
}

/** A client that says something that is not understood, and one that is one too many. */
async function connect(address: string): Promise<WebSocket> {
  const url = `${address.replace('http', 'ws')}/v1/stream?view=fan`
  const client = new WebSocket(url)
  await new Promise(resolve => client.once('open', resolve))
  client.send('?')
  let refused = false
  new WebSocket(url).once('error', () => {
    refused = true
  })
  await until(() => refused)
  return client
}
