import type { Clock } from '../clock.ts'
import { z } from '../config.ts'
import type { Account } from './ledger.ts'
import type { Recent } from './metrics/recent.ts'
import type { ScorerCounts } from './metrics/state.ts'
import type { ComponentStatus, SourceStatus } from './telemetry.ts'

const windows = z.number().int().min(0)
const seconds = z.number().nullable()

/** `GET /v1/status`, and `status` of the WebSocket without its type. Counts are since the start, over all sources. */
export const statusSchema = z.object({
  time: z.number().describe('Milliseconds since the epoch'),
  received: windows.describe('Windows received: scored + dropped + failed + in_flight'),
  scored: windows.describe('Windows scored'),
  dropped: windows.describe('Windows dropped'),
  failed: windows.describe('Windows that could not be scored'),
  in_flight: windows.describe('Windows whose outcome is open'),
  queued: windows.describe('Of these, those that wait to be scored'),
  rate: z.number().min(0).describe('Windows scored a second, over the last 10 seconds'),
  latency: z
    .object({ p50: seconds, p99: seconds })
    .describe('Seconds from the arrival of a window to its score, of the last minute; null: there was none'),
  sources: z.number().int().min(0).describe('Sources'),
  episodes_open: z.number().int().min(0).describe('Open episodes, those that are muted too'),
  clients: z.number().int().min(0).describe('WebSocket clients'),
  devices: z
    .record(z.string(), z.number().int().min(0))
    .describe('Scorer threads by the device that they compute on: cpu, webgpu, cuda'),
  fallbacks: z.number().int().min(0).describe('Scorer threads that lost their device and went on with the CPU'),
  ready: z.boolean().describe('Whether every part works, as /readyz says'),
})

export type StatusJson = z.infer<typeof statusSchema>

export interface StatusParts {
  readonly sources: () => readonly Pick<SourceStatus, 'account' | 'queued' | 'episodeOpen'>[]
  readonly components: () => Readonly<Record<string, ComponentStatus>>
  readonly clients: () => number
  readonly recent: Recent
  readonly scorer: () => ScorerCounts
  readonly clock: Clock
}

/** How the daemon does at this moment, in a few numbers. */
export function statusOf({ sources, components, clients, recent, scorer, clock }: StatusParts): StatusJson {
  const all = sources()
  const { devices, fallbacks } = scorer()
  const sum = (count: (source: (typeof all)[number]) => number) => all.reduce((total, each) => total + count(each), 0)
  return {
    time: clock.now(),
    received: sum(({ account }) => account.received),
    scored: sum(({ account }) => account.scored),
    dropped: sum(({ account }) => totalOf(account.dropped)),
    failed: sum(({ account }) => totalOf(account.failed)),
    in_flight: sum(({ account }) => account.inFlight),
    queued: sum(({ queued }) => queued),
    rate: recent.rate,
    latency: { p50: recent.quantile(0.5), p99: recent.quantile(0.99) },
    sources: all.length,
    episodes_open: all.filter(({ episodeOpen }) => episodeOpen).length,
    clients: clients(),
    ...{ devices, fallbacks },
    ready: Object.values(components()).every(({ ok }) => ok),
  }
}

const totalOf = (counts: Account['dropped']): number => Object.values(counts).reduce((total, n) => total + n, 0)
