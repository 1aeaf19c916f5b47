import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AIM, isHeld, largestHeld, type Stage } from './ingest-search.ts'
import { trainOnHum } from './live/bundle.ts'
import { runOurs } from './processes.ts'
import { aligned } from './table.ts'
import type { IngestJob, IngestResult } from './work/ingest.ts'

export interface IngestOptions {
  /** Just this number of feeds, in place of a search. */
  feeds: number | undefined
  workers: number
  seconds: number
}

export interface IngestReport {
  /** The daemon with one feed. */
  idle: IngestResult
  lines: { hop: number; result: IngestResult | null; held: boolean }[]
}

const WARM_UP = 4

/** Live feeds of 1 s windows through one daemon, with a window every second and every half: at the aim, and the most that are held. */
export async function benchIngest(options: IngestOptions, say: (line: string) => void): Promise<IngestReport> {
  const { workers, seconds } = options
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  try {
    const bundle = await trainOnHum(folder, 3)
    const stageOf =
      (overlap: number): Stage =>
      async (feeds, time) => {
        const job: IngestJob = { bundle, feeds, overlap, workers, warmUp: WARM_UP, seconds: time }
        const result = await runOurs<IngestResult | null>({ work: 'ingest', job: { ...job } })
        say(progressOf(feeds, 1 - overlap, result))
        return result
      }
    const idle = await stageOf(0)(1, seconds)
    if (!idle) throw new Error('this machine is too busy for a measurement')
    const lines: IngestReport['lines'] = []
    for (const overlap of [0, 0.5]) {
      const hop = 1 - overlap
      const atAim = await stageOf(overlap)(options.feeds ?? AIM.feeds, seconds)
      lines.push({ hop, result: atAim, held: isHeld(atAim, seconds) })
      if (options.feeds !== undefined) continue
      const most = await largestHeld(stageOf(overlap), seconds)
      lines.push({ hop, result: most, held: most !== null })
    }
    return { idle, lines }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function progressOf(feeds: number, hop: number, result: IngestResult | null): string {
  const what = `${feeds} feeds, a window every ${hop} s:`
  if (!result) return `${what} too many`
  const { score, lost, cores, stolen } = result
  return `${what} p99 ${score.p99.toFixed(0)} ms, ${lost} lost, ${cores.toFixed(2)} cores, ${(100 * stolen).toFixed(0)} % of the machine stolen`
}

const COLUMNS = [
  '',
  'feeds',
  'windows/s',
  'lost',
  'stolen',
  'score p50',
  'p99 ms',
  'event p50',
  'p99 ms',
  'cores',
  'main',
  'a scorer',
  'load',
  'kB/feed',
  'after gc',
]

/** A line for each number of feeds; memory is what the daemon takes more than with one feed. */
export function ingestTable({ idle, lines }: IngestReport): string {
  const rows = lines.map(({ hop, result, held }) => {
    const what = `a window every ${hop} s`
    if (!result) return [`${what}: too many`, ...COLUMNS.slice(1).map(() => '')]
    const { feeds, rate, lost, stolen, score, event, cores, main, scoring, pacing, memory } = result
    const perFeed = (bytes: number) => (feeds > 1 ? (bytes / feeds / 1000).toFixed(0) : '')
    return [
      held ? what : `${what}: NOT HELD`,
      ...[feeds, rate, lost].map(n => Math.round(n).toLocaleString('en')),
      `${(100 * stolen).toFixed(0)} %`,
      ...[score.p50, score.p99, event.p50, event.p99].map(ms => ms.toFixed(0)),
      ...[cores, main, scoring, pacing].map(share => share.toFixed(2)),
      perFeed(memory.rss - idle.memory.rss),
      perFeed(memory.afterGc - idle.memory.afterGc),
    ]
  })
  const columns = COLUMNS.map((_, i) => i).slice(1)
  return aligned([COLUMNS, ...rows], columns)
}
