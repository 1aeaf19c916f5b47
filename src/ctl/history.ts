import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { AuscultError, messageOf } from '../errors.ts'
import { EXPORT_FORMATS } from '../stream/export/formats.ts'
import type { Client, Query } from './client.ts'
import type { Outcome } from './outcome.ts'
import { findCluster, findEpisode } from './references.ts'
import type { DecisionRow, EventRow } from './rows.ts'
import { parseTime } from './time.ts'
import { usage } from './usage.ts'
import { auditText } from './views/audit.ts'
import { eventsText } from './views/events.ts'

/** Filters as people write them. */
export interface HistoryFilter {
  readonly source?: string | readonly string[]
  readonly kind?: readonly string[]
  readonly episode?: string
  readonly cluster?: string
  readonly action?: string
  readonly state?: string
  readonly open?: boolean
  readonly muted?: boolean
  readonly acknowledged?: boolean
  readonly since?: string
  readonly until?: string
  readonly minScore?: number
  readonly limit?: number
  readonly before?: number
  readonly after?: number
}

/** The filters as the daemon has them: clusters and episodes by their ids, times in milliseconds. @throws AUSCULT_USAGE, AUSCULT_NOT_FOUND */
export async function queryOf(client: Client, filter: HistoryFilter, now = Date.now()): Promise<Query> {
  const { episode, cluster, since, until, minScore, open, ...rest } = filter
  return {
    ...rest,
    ...(open && { state: 'open' }),
    ...(episode !== undefined && { episode: await findEpisode(client, episode) }),
    ...(cluster !== undefined && { cluster: await findCluster(client, cluster) }),
    ...(since !== undefined && { since: parseTime(since, now) }),
    ...(until !== undefined && { until: parseTime(until, now) }),
    ...(minScore !== undefined && { min_score: minScore }),
  }
}

export async function events(client: Client, filter: HistoryFilter): Promise<Outcome> {
  const query = await queryOf(client, filter)
  const body = await client.get<{ events: EventRow[]; next: number | null }>(['v1', 'events'], query)
  const key = filter.after === undefined ? 'before' : 'after'
  const more = body.next === null ? undefined : `--${key} ${body.next}`
  return { body, text: screen => eventsText(body.events, more, screen) }
}

export async function audit(client: Client, filter: HistoryFilter): Promise<Outcome> {
  const query = await queryOf(client, filter)
  const body = await client.get<{ decisions: DecisionRow[]; next: number | null }>(['v1', 'audit'], query)
  return { body, text: screen => auditText(body.decisions, body.next, screen) }
}

const EXPORTS = ['episodes', 'events', 'audit']

/**
 * Writes all that fits to a file, which is there only once it is whole, or to the standard output.
 * @throws AUSCULT_OUTPUT; AUSCULT_UNREACHABLE when the daemon breaks off
 */
export async function exportAll(
  client: Client,
  what: string,
  { format = 'csv', out, ...filter }: HistoryFilter & { format?: string; out?: string },
): Promise<Outcome> {
  if (!EXPORTS.includes(what)) throw usage('export', `${what} is none of ${EXPORTS.join(', ')}`)
  if (!(EXPORT_FORMATS as readonly string[]).includes(format)) {
    throw usage('export', `${format} is none of ${EXPORT_FORMATS.join(', ')}`)
  }
  const query = { ...(await queryOf(client, filter)), format }
  const chunks = await client.stream(['v1', 'export', what], query)
  if (out === undefined) {
    await toStdout(chunks)
    return { body: undefined, text: undefined }
  }
  const bytes = await toFile(chunks, out)
  return { body: { file: out, bytes }, text: () => `wrote ${out}, ${bytes} bytes` }
}

async function toStdout(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  let isOpen = true
  // `| head` is a way to read the beginning.
  const onError = () => {
    isOpen = false
  }
  process.stdout.on('error', onError)
  for await (const chunk of chunks) {
    if (!isOpen) break
    if (!process.stdout.write(chunk)) await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')])
  }
  process.stdout.off('error', onError)
}

async function toFile(chunks: AsyncIterable<Uint8Array>, file: string): Promise<number> {
  const part = `${file}.part`
  let bytes = 0
  async function* counted() {
    for await (const chunk of chunks) {
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(counted, createWriteStream(part))
    await rename(part, file)
    return bytes
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {})
    if (cause instanceof AuscultError) throw cause
    const remedy = 'Name a file in a folder that can be written with --out.'
    throw new AuscultError('AUSCULT_OUTPUT', `cannot be written: ${messageOf(cause)}`, { at: file, cause, remedy })
  }
}
