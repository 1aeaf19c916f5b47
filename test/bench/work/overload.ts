import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon, type Daemon, daemonConfigSchema } from '../../../src/daemon.ts'
import { silentLogger } from '../../../src/logger.ts'
import { readBundle } from '../../../src/model/bundle.ts'
import { EndlessSource } from '../live/endless.ts'
import { forceGc } from '../live/gc.ts'
import { Recorders } from '../live/recorders.ts'
import { SLOW_SCORER } from '../live/slow-scorer.ts'

export interface OverloadJob {
  bundle: string
  /** Feeds that drop the oldest, two windows of 1 s per second each; and feeds that wait, as fast as they are let. */
  recorders: number
  endless: number
  /** How many times the windows that the scorer can do the recorders deliver. */
  times: number
  queueMb: number
  /** Windows in a batch at most. */
  batch: number
  seconds: number
  sampleSeconds: number
}

/** What was seen at one moment, or since the one before. Bytes, ms, windows. */
export interface OverloadSample {
  seconds: number
  rss: number
  heap: number
  arrays: number
  received: number
  scored: number
  failed: number
  dropped: Record<string, number>
  open: number
  /** What the recorders have cut and the endless feeds have handed over, counted outside of the daemon. */
  given: number
  /** Sources for which `received = scored + dropped + failed + open` does not hold. */
  unbalanced: number
  /** From when a chunk was captured to when it was taken: p99 and longest, since the last sample. */
  lateP99: number
  lateMax: number
}

export interface OverloadResult {
  idle: { rss: number; heap: number; arrays: number }
  bound: Bound
  samples: OverloadSample[]
  /** After the stop. */
  last: ReturnType<typeof accounts>
}

/** Bytes of windows that can be in memory at once, by where they are. */
export interface Bound {
  queues: number
  /** One that each recorder fills, and one that each feed waits with. */
  hands: number
  batches: number
  /** Arrays kept for the next window. */
  kept: number
  total: number
}

/** Batches that the scorer's thread holds, and the one that is filled for it. */
const DEPTH = 3
const KEPT = 32 << 20
const HOP_SECONDS = 0.5

export async function measure(job: OverloadJob): Promise<OverloadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    return await overload(job, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function overload(job: OverloadJob, folder: string): Promise<OverloadResult> {
  const rate = job.recorders / HOP_SECONDS / job.times
  const raw = {
    bundle: `${job.bundle}?rate=${rate}`,
    sources: {},
    window: { hop_seconds: HOP_SECONDS },
    scorer: { device: 'cpu' },
    queue: { memory_mb: job.queueMb },
    batch: { max: job.batch },
    http: { port: 0 },
    store: { path: join(folder, 'events.db') },
  }
  let recorders!: Recorders
  let endless: EndlessSource[] = []
  let size = 0
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'bench'), {
    logger: silentLogger,
    scorerModule: SLOW_SCORER,
    readBundle: () => readBundle(job.bundle),
    feeds: spec => {
      size = spec.shape[0]
      recorders = new Recorders(spec, { feeds: job.recorders, faulty: 2 })
      endless = Array.from({ length: job.endless }, (_, i) => new EndlessSource(`file-${i}`, spec))
      return [...recorders.sources, ...endless]
    },
  })
  await daemon.start()
  await forceGc()
  const idle = memory()
  const { pacer } = recorders
  pacer.start()
  const began = performance.now()
  const samples: OverloadSample[] = []
  for (let at = job.sampleSeconds; at <= job.seconds; at += job.sampleSeconds) {
    await sleep(began + at * 1000 - performance.now())
    const given = recorders.windows(HOP_SECONDS) + endless.reduce((sum, { pulled }) => sum + pulled + 1, 0)
    const { lateness } = pacer
    const late = { lateP99: lateness.percentile(99) / 1000, lateMax: lateness.max / 1000 }
    samples.push({ seconds: (performance.now() - began) / 1000, ...memory(), ...accounts(daemon), given, ...late })
    lateness.reset()
  }
  pacer.stop()
  await daemon.stop()
  return { idle, bound: boundOf(job, size), samples, last: accounts(daemon) }
}

function memory(): { rss: number; heap: number; arrays: number } {
  const { rss, heapUsed: heap, arrayBuffers: arrays } = process.memoryUsage()
  return { rss, heap, arrays }
}

function accounts(daemon: Daemon) {
  const sum = { received: 0, scored: 0, failed: 0, open: 0, unbalanced: 0 }
  const dropped: Record<string, number> = {}
  const total = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, n) => all + n, 0)
  for (const { account } of daemon.sources()) {
    const { received, scored, inFlight } = account
    const failed = total(account.failed)
    sum.received += received
    sum.scored += scored
    sum.failed += failed
    sum.open += inFlight
    if (received !== scored + failed + total(account.dropped) + inFlight) sum.unbalanced++
    for (const [reason, n] of Object.entries(account.dropped)) dropped[reason] = (dropped[reason] ?? 0) + n
  }
  return { ...sum, dropped }
}

function boundOf({ recorders, endless, queueMb, batch }: OverloadJob, size: number): Bound {
  const window = size * Float32Array.BYTES_PER_ELEMENT
  const feeds = recorders + endless
  const queues = Math.max(feeds * window, queueMb * 1e6)
  const hands = (2 * recorders + endless) * window
  const batches = DEPTH * batch * window
  return { queues, hands, batches, kept: KEPT, total: queues + hands + batches + KEPT }
}
