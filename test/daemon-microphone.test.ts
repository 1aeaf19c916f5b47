import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDaemon, type Daemon, daemonConfigSchema } from '../src/daemon.ts'
import { trainingConfig } from '../src/demo/configs.ts'
import { openRecording } from '../src/ingest/decode.ts'
import { silentLogger } from '../src/logger.ts'
import { runRecording } from '../src/record.ts'
import { recordWav, SAMPLE_RATE, Synthesizer } from '../src/train/synth/index.ts'
import { runTraining } from '../src/train/train.ts'
import type { EpisodeEvent, Score, SourceEvent } from '../src/types.ts'
import { fakeBundle } from './helpers/fake-bundle.ts'
import { FakeRecorder } from './helpers/fake-recorder.ts'
import { FAKE_SCORER, WINDOW } from './helpers/fake-scorer.ts'
import { parseMetrics } from './helpers/metrics.ts'
import { CARD_RATE, childrenOf, MONITOR, PulseAudio } from './helpers/pulseaudio.ts'
import { pulseaudio, sox } from './helpers/requires.ts'
import { until } from './helpers/until.ts'

const SEED = 1
/** Of the machine's sound: longer than the test before it falls silent. */
const SECONDS = 40

const installed = sox() && pulseaudio()

/** What a leak adds to the sound of the machine. */
function leak(): Float32Array {
  const fault = { kind: 'leak-hiss', onset: 0, duration: 4, severity: 1 } as const
  const [without, withIt] = [[], [fault]].map(faults =>
    new Synthesizer({ seed: SEED, take: 0, faults }).read(4 * SAMPLE_RATE),
  )
  return withIt.map((x, i) => x - without[i])
}

/** Normal takes as the two microphones give them: resampled by sox, and at the card's rate for us to resample, as training does too. */
async function recordNormal(folder: string): Promise<void> {
  mkdirSync(folder)
  const original = `${folder}.wav`
  for (let take = 1; take <= 8; take++) {
    await recordWav(original, new Synthesizer({ seed: SEED, take }), 10)
    const atCard = join(folder, `${take}.wav`)
    spawnSync('sox', [original, '-r', String(CARD_RATE), atCard])
    if (take % 2 === 0) continue
    spawnSync('sox', [atCard, '-r', String(SAMPLE_RATE), join(folder, `${take}-sox.wav`)])
    rmSync(atCard)
  }
}

describe.skipIf(!installed)('microphones that hear a machine through PulseAudio', () => {
  let folder: string
  let server: PulseAudio
  let daemon: Daemon
  const scores: Score[] = []
  const episodes: EpisodeEvent[] = []
  const conditions: SourceEvent[] = []
  const machine = new Synthesizer({ seed: SEED, take: 0 }).read(SECONDS * SAMPLE_RATE)
  const hiss = leak()

  const of = (source: string, type: string) =>
    conditions.filter(event => event.source === source && event.type === type)
  const scoresOf = (source: string) => scores.filter(score => score.source === source)
  const statusOf = (name: string) => daemon.sources().find(source => source.name === name)!
  const recorders = () => childrenOf(process.pid, 'sox').filter(pid => !server.players.includes(pid))

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-microphone-'))
    const normal = join(folder, 'normal')
    await recordNormal(normal)

    const bundle = join(folder, 'bundle')
    const usual = trainingConfig(normal, bundle, SEED)
    await runTraining({ ...usual, training: { ...usual.training, epochs: 10 } }, { checkpoint: false })

    server = await PulseAudio.start()
    const microphone = { type: 'microphone', silence: { seconds: 2 } } as const
    const config = daemonConfigSchema.parse({
      bundle,
      sources: {
        near: { ...microphone, recorder: 'sox', device: MONITOR },
        far: { ...microphone, recorder: 'arecord', device: `pulse:${MONITOR}`, sample_rate: CARD_RATE },
      },
      window: { hop_seconds: 0.25 },
      scorer: { device: 'cpu' },
      detector: { threshold: { policy: 'gamma', quantile: 0.99999 }, open_after: 3, close_after: 4 },
      http: { port: 0 },
      store: { path: join(folder, 'events.db') },
    })
    daemon = createDaemon(config, { logger: silentLogger })
    daemon.on('score', score => scores.push(score))
    daemon.on('episode', event => episodes.push(event))
    daemon.on('source', event => conditions.push(event))
    void server.play(machine, SAMPLE_RATE)
    await daemon.start()
  }, 180_000)

  afterAll(async () => {
    await daemon?.stop()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('hear a fault that is played beside it', async () => {
    await until(() => ['near', 'far'].every(source => scoresOf(source).length >= 8))
    expect(episodes).toEqual([])
    const played = Date.now()
    void server.play(hiss, SAMPLE_RATE)
    const opened = () => episodes.filter(({ type }) => type === 'episode.opened').map(({ episode }) => episode)
    await until(() => opened().length === 2)
    expect(
      opened()
        .map(({ source }) => source)
        .sort(),
    ).toEqual(['far', 'near'])
    for (const { openedAt } of opened()) {
      // The first window that holds some of it begins up to its length earlier.
      expect(openedAt - played).toBeGreaterThan(-1500)
      expect(openedAt - played).toBeLessThan(2500)
    }
    expect(conditions).toEqual([])
  })

  it('goes on after kill -9 of the recorder, and counts the restart and the gap', async () => {
    const [pid] = recorders()
    const stream = scores.findLast(score => score.source === 'near')!.stream
    process.kill(pid, 'SIGKILL')
    await until(() => scores.findLast(score => score.source === 'near')!.stream !== stream)
    expect(statusOf('near')).toMatchObject({ state: 'running', restarts: 1, gaps: 1 })
    expect(statusOf('far')).toMatchObject({ state: 'running', restarts: 0, gaps: 0 })
    expect(of('near', 'source.troubled').map(event => event.message)).toEqual(['sox was killed by SIGKILL'])
    await until(() => of('near', 'source.recovered').length === 1)
    expect(recorders()).toHaveLength(1)
  })

  it('says when the sink falls silent, and when it is heard again', async () => {
    const before = conditions.length
    server.silence()
    await until(() => conditions.length === before + 2)
    const began = conditions.slice(before)
    expect(began.map(({ source }) => source).sort()).toEqual(['far', 'near'])
    for (const event of began) {
      expect(event).toMatchObject({ type: 'source.troubled', condition: 'silence' })
      expect(event.message).toBe('nothing above -80 dBFS for 2 s: every sample is 0')
    }
    const silent = scores.length
    await until(() => scores.length > silent + 4)
    void server.play(machine, SAMPLE_RATE)
    await until(() => conditions.length === before + 4)
    for (const event of conditions.slice(before + 2)) {
      expect(event).toMatchObject({ type: 'source.recovered', condition: 'silence' })
    }
  })

  it('accounts for every window', async () => {
    const values = parseMetrics(await (await fetch(`${daemon.address}/metrics`)).text())
    expect(values.get('auscult_source_restarts_total{source="near"}')).toBe(1)
    expect(values.get('auscult_source_gaps_total{source="near"}')).toBe(1)
    for (const source of ['near', 'far']) {
      const { account } = statusOf(source)
      expect(account.received).toBe(account.scored + account.inFlight)
    }
  })

  it('stamps windows with the time of capture, in step', () => {
    for (const source of ['near', 'far']) {
      const own = scores.filter(score => score.source === source)
      const streams = [...new Set(own.map(score => score.stream))]
      for (const stream of streams) {
        const [first, ...rest] = own.filter(score => score.stream === stream)
        for (const score of rest) {
          const expected = first.time + ((score.offset - first.offset) / SAMPLE_RATE) * 1000
          expect(Math.abs(score.time - expected)).toBeLessThan(400)
        }
        expect(Math.abs(first.time - Date.parse(stream))).toBeLessThan(4000)
      }
    }
  })

  it('records: a new file where the recorder was killed', async () => {
    await daemon.stop()
    expect(recorders()).toEqual([])
    const out = join(folder, 'recorded')
    const controller = new AbortController()
    const config = {
      sources: daemonConfigSchema.shape.sources.parse({
        near: { type: 'microphone', recorder: 'rec', device: MONITOR },
      }),
      record: daemonConfigSchema.shape.record.parse({ folder: out, sample_rate: SAMPLE_RATE }),
    }
    const recording = runRecording(config, { logger: silentLogger, signal: controller.signal })
    const recs = () => childrenOf(process.pid, 'rec')
    await until(() => recs().length === 1)
    await new Promise(resolve => setTimeout(resolve, 2000))
    process.kill(recs()[0], 'SIGKILL')
    await new Promise(resolve => setTimeout(resolve, 3000))
    controller.abort()
    const [{ files, seconds, failed }] = await recording
    expect([files, failed]).toEqual([2, 0])
    expect(seconds).toBeGreaterThan(1)
    const names = readdirSync(join(out, 'near'))
    expect(names).toHaveLength(2)
    for (const name of names) {
      const file = await openRecording(join(out, 'near', name))
      if (file.kind !== 'audio') throw new Error('no sound')
      const samples = file.read(0, file.length)
      expect(Math.max(...samples)).toBeGreaterThan(0.01)
    }
    expect(recs()).toEqual([])
  })
})

describe('a microphone whose scorer is slow', () => {
  it('is listened to without delay: the oldest windows are dropped, and counted', async () => {
    const rate = 20 * WINDOW
    const recorder = new FakeRecorder()
    recorder.install('sox', { rate })
    const raw = {
      bundle: 'fake?delay=400',
      sources: { mic: { type: 'microphone' } },
      window: { overlap: 0 },
      batch: { max: 4 },
      queue: { capacity: 8 },
      http: { port: 0 },
      store: { path: null },
      detector: { threshold: { policy: 'value', value: 1 } },
    }
    const bundle = fakeBundle('mic', rate)
    const parts = { logger: silentLogger, scorerModule: FAKE_SCORER, readBundle: async () => bundle }
    const daemon = createDaemon(daemonConfigSchema.parse(raw), parts)
    const lags: number[] = []
    daemon.on('score', score => lags.push(Date.now() - score.time))
    try {
      await daemon.start()
      await until(() => daemon.sources()[0].account.received > 0)
      const [from, begun] = [daemon.sources()[0].account.received, Date.now()]
      await new Promise(resolve => setTimeout(resolve, 4000))
      const { account } = daemon.sources()[0]
      const seconds = (Date.now() - begun) / 1000
      expect(account.received - from).toBeGreaterThan(20 * (seconds - 1))
      expect(account.dropped.overflow).toBeGreaterThan(10)
      expect(account.received).toBe(account.scored + account.dropped.overflow + account.inFlight)
      // 8 windows wait while 4 are scored in 0.4 s: no score is older than a few batches.
      expect(Math.max(...lags)).toBeLessThan(3000)
    } finally {
      await daemon.stop()
      recorder.remove()
    }
  })
})
