import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { prepareMachine } from '../../docs/examples/prepare.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../../src/daemon.ts'
import { silentLogger } from '../../src/logger.ts'
import { parseMetrics, sumOf } from '../helpers/metrics.ts'
import { sharedData } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { until } from '../helpers/until.ts'
import { trainExample } from './example.ts'

const data = sharedData()
/** Twelve recordings of 10 s, in windows of 1 s that overlap by half. */
const WINDOWS = 12 * 19

interface Message {
  type: string
  index: number
  episode: { stream: string; close_reason?: string }
}

/** Six recordings of a machine, each followed by the same with speech at 0 dB, and between them a file that is no recording. */
describe.skipIf(!data)('a daemon that listens to speech over a machine', () => {
  const { folder } = temporaryFolder()
  const messages: Message[] = []
  let daemon: Daemon
  let names: string[]

  beforeAll(async () => {
    await prepareMachine({ data: data!, out: folder, seed: 0 })
    const bundle = await trainExample('machine', folder, 20)
    mkdirSync(join(folder, 'live'))
    names = readdirSync(join(folder, 'machine/normal')).sort()
    for (const [i, name] of names.entries()) {
      copyFileSync(join(folder, 'machine/normal', name), join(folder, `live/${i}-normal.wav`))
      copyFileSync(join(folder, 'machine/speech-0db', name), join(folder, `live/${i}-speech.wav`))
    }
    writeFileSync(join(folder, 'live/2-normal-broken.wav'), 'RIFF')

    const config = daemonConfigSchema.parse({
      bundle,
      sources: { machine: { type: 'files', path: join(folder, 'live'), speed: 0 } },
      scorer: { device: 'cpu' },
      http: { port: 0 },
      store: { path: join(folder, 'events.db') },
    })
    daemon = createDaemon(config, { logger: silentLogger })
    const watching = until(() => daemon.address).then(() => {
      const socket = new WebSocket(`${daemon.address!.replace('http', 'ws')}/v1/stream`)
      socket.on('message', message => messages.push(JSON.parse(message.toString())))
    })
    await Promise.all([daemon.start(), watching])
    await daemon.finished
    await until(() => messages.some(({ type, index }) => type === 'score' && index === WINDOWS - 1))
    // Scores are sent at once, events when they are on the disk.
    const [{ episodes }] = daemon.sources()
    await until(() => messages.filter(({ type }) => type === 'episode.closed').length === episodes)
  }, 120_000)

  afterAll(() => daemon?.stop())

  const opened = () => messages.filter(({ type }) => type === 'episode.opened')

  it('shows episodes on the WebSocket in each recording with speech, and in none without', () => {
    const streams = opened().map(({ episode }) => episode.stream)
    expect([...new Set(streams)]).toEqual(names.map((_, i) => `${i}-speech.wav`))
  })

  it('accounts in /metrics for every window that it received', async () => {
    const values = parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text())
    const total = (noun: string) => sumOf(values, `auscult_windows_${noun}_total`, 'source="machine"')
    expect(total('received')).toBe(total('scored') + total('dropped') + total('failed'))
    expect([total('scored'), total('failed'), total('dropped')]).toEqual([WINDOWS, 1, 0])
    expect(values.get('auscult_windows_in_flight{source="machine"}')).toBe(0)
    expect(values.get('auscult_episodes_total{source="machine"}')).toBe(opened().length)
  })
})
