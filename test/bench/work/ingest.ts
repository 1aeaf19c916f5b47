import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon, daemonConfigSchema } from '../../../src/daemon.ts'
import { silentLogger } from '../../../src/logger.ts'
import { forceGc } from '../live/gc.ts'
import { Recorders } from '../live/recorders.ts'
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

/** One number of feeds at a steady load. Times in ms, memory in bytes. */
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
  /** Cores that the process kept busy; part of the time that the main thread was; part of a core that delivering chunks took. */
  cores: number
  loop: number
  delivering: number
  /** Part of a core that a scorer thread was scoring; and that the timers of the load take, without what they deliver. */
  scoring: number
  pacing: number
  memory: { rss: number; peak: number; afterGc: number; heap: number; arrayBuffers: number }
}

/** Part of the feeds that come down with faults, so that events are made and stored. */
const FAULTY = 0.02

const GIVE_UP_LATE_MS = 3000
const GIVE_UP_BYTES = 2e9

/** @returns null where the machine could not keep up at all */
export async function measure(job: IngestJob): Promise<IngestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    return await stage(job, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function stage(job: IngestJob, folder: string): Promise<IngestResult> {
  const { bundle, feeds, overlap, workers } = job
  const raw = {
    bundle,
    sources: {},
    window: { overlap },
    scorer: { device: 'cpu', threads: 1, workers },
    http: { port: 0 },
    store: { path: join(folder, 'events') },
  }
  let recorders!: Recorders
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'bench'), {
    logger: silentLogger,
    feeds: spec => {
      recorders = new Recorders(spec, { feeds, faulty: Math.ceil(feeds * FAULTY) })
      return recorders.sources
    },
  })
  await daemon.start()
  const { pacer } = recorders
  const [scores, events]: number[][] = [[], []]
  let measuring = false
  const since = (end: number) => performance.now() - recorders.capturedAt(end)
  daemon.on('score', score => {
    if (measuring) scores.push(since(score.time + score.duration * 1000))
  })
  daemon.on('episode', ({ type, episode }) => {
    if (measuring && type !== 'episode.closed') events.push(since(episode.lastAt))
  })
  pacer.start()
  const patience = setInterval(() => giveUp(pacer.lateness.max / 1000, process.memoryUsage.rss()), 100)
  await sleep(job.warmUp * 1000)

  const before = totals(daemon.sources())
  const scoringBefore = await scoringSeconds(daemon.address!)
  const [cpu, loop, busy, began] = [
    process.cpuUsage(),
    performance.eventLoopUtilization(),
    pacer.busy,
    performance.now(),
  ]
  pacer.lateness.reset()
  measuring = true
  const sizes: number[] = []
  const sampler = setInterval(() => sizes.push(process.memoryUsage.rss()), 250)
  await sleep(job.seconds * 1000)
  measuring = false
  clearInterval(sampler)
  clearInterval(patience)
  const elapsed = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const { utilization } = performance.eventLoopUtilization(loop)
  const delivering = (pacer.busy - busy) / elapsed
  const late = { p50: pacer.lateness.percentile(50) / 1000, p99: pacer.lateness.percentile(99) / 1000 }
  const after = totals(daemon.sources())
  const scoring = ((await scoringSeconds(daemon.address!)) - scoringBefore) / (elapsed / 1000) / workers
  await forceGc()
  const { rss: afterGc, heapUsed: heap, arrayBuffers } = process.memoryUsage()
  pacer.stop()
  await daemon.stop()
  const windows = after.scored - before.scored
  return {
    feeds,
    windows,
    rate: windows / (elapsed / 1000),
    lost: after.lost,
    open: [before.open, after.open],
    score: latencyOf(scores),
    event: latencyOf(events),
    late,
    cores: (user + system) / 1000 / elapsed,
    loop: utilization,
    delivering,
    scoring,
    pacing: await recorders.pacingAlone(),
    memory: { rss: percentile(sizes, 0.5), peak: Math.max(...sizes), afterGc, heap, arrayBuffers },
  }
}

/** Ends a measurement that leads nowhere before it takes the machine with it. */
function giveUp(late: number, rss: number): void {
  if (late < GIVE_UP_LATE_MS && rss < GIVE_UP_BYTES) return
  process.stdout.write('null\n')
  process.exit()
}

type Status = ReturnType<ReturnType<typeof createDaemon>['sources']>

function totals(sources: Status): { scored: number; lost: number; open: number } {
  const sum = (of: (source: Status[number]) => number) => sources.reduce((total, source) => total + of(source), 0)
  const all = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, n) => total + n, 0)
  return {
    scored: sum(({ account }) => account.scored),
    lost: sum(({ account }) => all(account.dropped) + all(account.failed)),
    open: sum(({ account }) => account.inFlight),
  }
}

async function scoringSeconds(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text()
  return Number(/^auscult_scoring_seconds_sum (\S+)/m.exec(text)?.[1] ?? 0)
}

function latencyOf(values: readonly number[]): Latency {
  if (values.length === 0) return { count: 0, p50: 0, p99: 0, max: 0 }
  const max = values.reduce((most, value) => Math.max(most, value), 0)
  return { count: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99), max }
}
