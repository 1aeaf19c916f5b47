import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainOnHum } from './live/bundle.ts'
import { runOurs } from './processes.ts'
import { aligned } from './table.ts'
import type { OverloadJob, OverloadResult, OverloadSample } from './work/overload.ts'

/** 400 windows per second of 200 recorders, and 20 feeds that wait, at a scorer that does 40. */
const LOAD = { recorders: 200, endless: 20, times: 10, queueMb: 256, batch: 64 }
const ROWS = 20

/** The daemon at ten times of what its scorer can do. */
export async function benchOverload(minutes: number): Promise<OverloadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    const bundle = await trainOnHum(folder)
    const job: OverloadJob = { bundle, ...LOAD, seconds: minutes * 60, sampleSeconds: Math.min(2, minutes * 3) }
    return await runOurs<OverloadResult>({ work: 'overload', job: { ...job } })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const MB = (bytes: number) => (bytes / 1e6).toFixed(0)
const COLUMNS = [
  'seconds',
  'rss MB',
  'heap',
  'arrays',
  'received',
  'scored',
  'dropped',
  'failed',
  'open',
  'balance',
  'late p99',
  'max ms',
  'arrays, of the bound',
]

/** Some moments of it, what was the most of all, and the bound. */
export function overloadTable({ idle, bound, samples, last }: OverloadResult): string {
  const every = Math.max(1, Math.floor(samples.length / ROWS))
  const shown = samples.filter((_, i) => (i + 1) % every === 0)
  const rows = shown.map(sample => rowOf(sample, bound.total))
  const most = (of: (sample: OverloadSample) => number) =>
    samples.reduce((largest, sample) => Math.max(largest, of(sample)), 0)
  const wrong = samples.filter(({ unbalanced, received, given }) => unbalanced > 0 || received !== given).length
  const { queues, hands, batches, kept, total } = bound
  return [
    aligned([COLUMNS, ...rows], COLUMNS.map((_, i) => i).slice(0, -1)),
    '',
    `idle: rss ${MB(idle.rss)} MB, heap ${MB(idle.heap)}, arrays ${MB(idle.arrays)}`,
    `most: rss ${MB(most(s => s.rss))} MB, heap ${MB(most(s => s.heap))}, arrays ${MB(most(s => s.arrays))}, late p99 ${most(s => s.lateP99).toFixed(0)} ms, max ${most(s => s.lateMax).toFixed(0)} ms`,
    `bound of the windows' arrays: queues ${MB(queues)} + in hand ${MB(hands)} + batches ${MB(batches)} + kept ${MB(kept)} = ${MB(total)} MB`,
    `after the stop: ${last.open} open, ${last.unbalanced} sources out of balance`,
    `moments at which received = scored + dropped + failed + open did not hold, or was not what the feeds gave: ${wrong} of ${samples.length}`,
  ].join('\n')
}

function rowOf(sample: OverloadSample, bound: number): string[] {
  const { seconds, rss, heap, arrays, received, scored, dropped, failed, open, unbalanced, given } = sample
  const drops = Object.entries(dropped).map(([reason, n]) => `${n.toLocaleString('en')} ${reason}`)
  return [
    seconds.toFixed(0),
    ...[rss, heap, arrays].map(MB),
    ...[received, scored].map(n => n.toLocaleString('en')),
    drops.join(', ') || '0',
    `${failed}`,
    open.toLocaleString('en'),
    unbalanced === 0 && received === given ? 'holds' : 'BROKEN',
    sample.lateP99.toFixed(1),
    sample.lateMax.toFixed(1),
    '#'.repeat(Math.round((30 * arrays) / bound)),
  ]
}
