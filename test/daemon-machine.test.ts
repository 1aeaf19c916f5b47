import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createDaemon, type Daemon, daemonConfigSchema } from '../src/daemon.ts'
import { silentLogger } from '../src/logger.ts'
import { seeded } from '../src/random.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { runTraining } from '../src/train/train.ts'
import { storedEvents } from './helpers/events.ts'
import { parseMetrics } from './helpers/metrics.ts'
import { sharedData } from './helpers/requires.ts'
import { until } from './helpers/until.ts'

const recordings = sharedData('audio/machine')
const HEADER = 44
const RATE = 16_000
/** Six recordings of 10 s, in windows of 1 s that overlap by half. */
const WINDOWS = 6 * 19

/** Adds noise to seconds `from` to `to` of a 16-bit wav, as loud as a hiss beside the machine. */
function hiss(wav: Buffer, from: number, to: number): Buffer {
  const random = seeded(7)
  const result = Buffer.from(wav)
  for (let at = HEADER + from * RATE * 2; at < HEADER + to * RATE * 2; at += 2) {
    const value = result.readInt16LE(at) + 3000 * random.normal()
    result.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(value))), at)
  }
  return result
}

interface Message {
  type: string
  source: string
  index: number
  score: number
  stream: string
  offset: number
  episode: { stream: string; offset: number; close_reason?: string }
}

/** Train on 14 recordings of a real machine, watch six others, one of them with a hiss from its 4th to its 7th second. */
describe.skipIf(!recordings)('a daemon over recordings of a machine', () => {
  let folder: string
  let daemon: Daemon
  let messages: Message[]
  let faulty: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-machine-'))
    const names = readdirSync(recordings!)
      .filter(name => name.endsWith('.wav'))
      .sort()
    for (const part of ['train', 'live']) mkdirSync(join(folder, part))
    for (const name of names.slice(0, 14)) copyFileSync(join(recordings!, name), join(folder, 'train', name))
    for (const name of names.slice(14)) copyFileSync(join(recordings!, name), join(folder, 'live', name))
    faulty = names[16]
    writeFileSync(join(folder, 'live', faulty), hiss(readFileSync(join(recordings!, faulty)), 4, 7))
    const output = join(folder, 'bundle')
    const input = { paths: [join(folder, 'train')] }
    await runTraining(trainConfigSchema.parse({ output, input, training: { epochs: 8 } }), { checkpoint: false })

    const config = daemonConfigSchema.parse({
      bundle: output,
      sources: { machine: { type: 'files', path: join(folder, 'live'), speed: 0 } },
      scorer: { device: 'cpu' },
      detector: { threshold: { policy: 'value', value: 3 } },
      http: { port: 0 },
      store: { path: join(folder, 'events.db') },
    })
    daemon = createDaemon(config, { logger: silentLogger })
    messages = []
    const watching = until(() => daemon.address).then(() => {
      const socket = new WebSocket(`${daemon.address!.replace('http', 'ws')}/v1/stream`)
      socket.on('message', data => messages.push(JSON.parse(data.toString())))
    })
    await Promise.all([daemon.start(), watching])
    await daemon.finished
    await until(() => messages.some(message => message.type === 'score' && message.index === WINDOWS - 1))
    await until(() => messages.some(message => message.type === 'episode.closed'))
  })

  afterAll(async () => {
    await daemon?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows every score to a WebSocket client that was there from the start', () => {
    const scores = messages.filter(message => message.type === 'score')
    expect(scores.map(score => score.index)).toEqual(Array.from({ length: WINDOWS }, (_, i) => i))
    expect(scores.every(score => score.score > 0)).toBe(true)
  })

  it('opens an episode at the hiss and nowhere else', () => {
    const opened = messages.filter(message => message.type === 'episode.opened')
    expect(opened).toHaveLength(1)
    expect(opened[0].episode.stream).toBe(faulty)
    expect(opened[0].episode.offset / RATE).toBeGreaterThanOrEqual(3)
    expect(opened[0].episode.offset / RATE).toBeLessThanOrEqual(4.5)
    const closed = messages.find(message => message.type === 'episode.closed')
    expect(closed?.episode.close_reason).toBe('recovered')
  })

  it('accounts for every window in a scrape of /metrics', async () => {
    const values = parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text())
    expect(values.get('auscult_windows_received_total{source="machine"}')).toBe(WINDOWS)
    expect(values.get('auscult_windows_scored_total{source="machine"}')).toBe(WINDOWS)
    expect(values.get('auscult_windows_in_flight{source="machine"}')).toBe(0)
    expect(values.get('auscult_episodes_total{source="machine"}')).toBe(1)
    expect(values.get('auscult_score_distribution_count')).toBe(WINDOWS)
  })

  it('has the episode on the disk', async () => {
    const types = (await storedEvents(join(folder, 'events.db'))).map(({ event }) => event.type)
    const episode = types.filter(type => type.startsWith('episode.') && type !== 'episode.updated')
    expect(episode.slice(0, 2)).toEqual(['episode.opened', 'episode.closed'])
    expect(types[0]).toBe('cluster.born')
  })
})
