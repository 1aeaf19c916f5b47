import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../../../src/daemon.ts'
import { silentLogger } from '../../../src/logger.ts'
import { forceGc } from '../live/gc.ts'
import { Recorders } from '../live/recorders.ts'
import { cpuTime } from '../live/steal.ts'
import { percentile } from '../timing.ts'

export interface IngestJob {
  bundle: string
  feeds: number
  /** Part of a window that the next one repeats. */
  overlap: number
  workers: number
  /** Seconds before the measurement, and of it. */
  warmUp: number
  seconds: number
}

export interface Latency {
  count: number
  p50: number
  p99: number
  max: number
}

/** So many feeds at a steady load. Times in ms, memory in bytes. */
export interface IngestResult {
  feeds: number
  windows: number
  /** Windows per second. */
  rate: number
  lost: number
  /** Windows whose outcome was open when the measurement began and when it ended. */
  open: [number, number]
  /** From the last sample of a window to its score, and to the event that it made, with the sinks. */
  score: Latency
  event: Latency
  /** From a chunk's last sample to its delivery. */
  late: { p50: number; p99: number }
  /** Cores that the process kept busy; parts of the time: that the main thread was busy, and that it took chunks. */
  cores: number
  main: number
  taking: number
  /** Part of the time that a scorer thread was scoring; and part of a core that the load's timers alone take. */
  scoring: number
  pacing: number
  /** Part of the machine's time that its host gave to others. */
  stolen: number
  memory: { rss: number; peak: number; afterGc: number; heap: number; arrayBuffers: number }
}

/** Part of the feeds that come down with faults, so that events are made and stored. */
const FAULTY = 0.02
const SAMPLE_MS = 250
/** As often Prometheus comes by. */
const SCRAPE_MS = 5000
const PATIENCE_MS = 100
const GIVE_UP_LATE_MS = 3000
const GIVE_UP_BYTES = 2e9

/** @returns null where the machine could not keep up at all */
export async function measure(job: IngestJob): Promise<IngestResult | null> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    return await new Stage(job, folder).run()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

class Stage {
  readonly #job: IngestJob
  readonly #daemon: Daemon
  readonly #scores: number[] = []
  readonly #events: number[] = []
  #recorders!: Recorders
  #measuring = false

  constructor(job: IngestJob, folder: string) {
    this.#job = job
    const { bundle, feeds, overlap, workers } = job
    const raw = {
      bundle,
      sources: {},
      window: { overlap },
      scorer: { device: 'cpu', threads: 1, workers },
      http: { port: 0 },
      store: { path: join(folder, 'events.db') },
    }
    this.#daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'bench'), {
      logger: silentLogger,
      feeds: spec => {
        this.#recorders = new Recorders(spec, { feeds, faulty: Math.ceil(feeds * FAULTY) })
        return this.#recorders.sources
      },
    })
    const since = (end: number) => performance.now() - this.#recorders.capturedAt(end)
    this.#daemon.on('score', score => {
      if (this.#measuring) this.#scores.push(since(score.time + score.duration * 1000))
    })
    this.#daemon.on('episode', ({ type, episode }) => {
      const isOfNow = type === 'episode.opened' || type === 'episode.updated'
      if (this.#measuring && isOfNow) this.#events.push(since(episode.lastAt))
    })
  }

  async run(): Promise<IngestResult | null> {
    await this.#daemon.start()
    const { pacer } = this.#recorders
    pacer.start()
    let patience: NodeJS.Timeout | undefined
    const tooMany = new Promise<null>(resolve => {
      patience = setInterval(() => {
        if (pacer.lateness.max / 1000 > GIVE_UP_LATE_MS || process.memoryUsage.rss() > GIVE_UP_BYTES) resolve(null)
      }, PATIENCE_MS)
    })
    const result = await Promise.race([sleep(this.#job.warmUp * 1000).then(() => this.#measure()), tooMany])
    clearInterval(patience)
    pacer.stop()
    await this.#daemon.stop()
    return result && { ...result, pacing: await this.#recorders.pacingAlone() }
  }

  async #measure(): Promise<Omit<IngestResult, 'pacing'>> {
    const { pacer } = this.#recorders
    const { feeds, seconds, workers } = this.#job
    const sizes: number[] = []
    const sampler = setInterval(() => sizes.push(process.memoryUsage.rss()), SAMPLE_MS)
    const scoring = await this.#scoringSeconds()
    const scraper = setInterval(() => void this.#scoringSeconds(), SCRAPE_MS)
    const before = this.#totals()
    const time = cpuTime()
    const [cpu, loop, busy, began] = [
      process.cpuUsage(),
      performance.eventLoopUtilization(),
      pacer.busy,
      performance.now(),
    ]
    pacer.lateness.reset()
    this.#measuring = true
    await sleep(seconds * 1000)
    this.#measuring = false
    clearInterval(sampler)
    clearInterval(scraper)
    const elapsed = performance.now() - began
    const [total, stolen] = [cpuTime().total - time.total, cpuTime().stolen - time.stolen]
    const { user, system } = process.cpuUsage(cpu)
    const { utilization: main } = performance.eventLoopUtilization(loop)
    const taking = (pacer.busy - busy) / elapsed
    const late = { p50: pacer.lateness.percentile(50) / 1000, p99: pacer.lateness.percentile(99) / 1000 }
    const after = this.#totals()
    const scored = ((await this.#scoringSeconds()) - scoring) / (elapsed / 1000) / workers
    await forceGc()
    const { rss: afterGc, heapUsed: heap, arrayBuffers } = process.memoryUsage()
    const windows = after.scored - before.scored
    return {
      feeds,
      windows,
      rate: windows / (elapsed / 1000),
      lost: after.lost,
      open: [before.open, after.open],
      score: latencyOf(this.#scores),
      event: latencyOf(this.#events),
      late,
      cores: (user + system) / 1000 / elapsed,
      main,
      taking,
      scoring: scored,
      stolen: total > 0 ? stolen / total : 0,
      memory: { rss: percentile(sizes, 0.5), peak: Math.max(...sizes), afterGc, heap, arrayBuffers },
    }
  }

  #totals(): { scored: number; lost: number; open: number } {
    const totals = { scored: 0, lost: 0, open: 0 }
    const all = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, n) => sum + n, 0)
    for (const { account } of this.#daemon.sources()) {
      totals.scored += account.scored
      totals.lost += all(account.dropped) + all(account.failed)
      totals.open += account.inFlight
    }
    return totals
  }

  async #scoringSeconds(): Promise<number> {
    const text = await (await fetch(`${this.#daemon.address}/metrics`)).text()
    return Number(/^auscult_scoring_seconds_sum (\S+)/m.exec(text)?.[1] ?? 0)
  }
}

function latencyOf(values: readonly number[]): Latency {
  if (values.length === 0) return { count: 0, p50: 0, p99: 0, max: 0 }
  const max = values.reduce((most, value) => Math.max(most, value), 0)
  return { count: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99), max }
}
