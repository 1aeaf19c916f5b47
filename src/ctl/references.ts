import { AuscultError } from '../errors.ts'
import type { Client } from './client.ts'
import type { ClusterRow, EpisodeRow } from './rows.ts'

interface EpisodePage {
  readonly episodes: readonly EpisodeRow[]
  readonly next: number | null
}

const PAGE = 1000
/** Episodes among which the end of an id is looked for. */
const MOST_PAGES = 10
/** Candidates that an error names. */
const MOST_NAMED = 5

/** How an episode is called in lists. */
export const episodeRef = ({ seq }: { readonly seq: number }): string => `e${seq}`

/**
 * The id of an episode that people name by what is easy to type: `last`, `e57` of a list, its id, or an end of it that no other has.
 * @throws AUSCULT_NOT_FOUND; AUSCULT_USAGE when several end so
 */
export async function findEpisode(client: Client, reference: string): Promise<string> {
  if (reference === 'last') {
    const { episodes } = await client.get<EpisodePage>(['v1', 'episodes'], { limit: 1 })
    return episodes[0]?.id ?? nothing(reference, 'there is no episode yet')
  }
  return (await bySeq(client, reference)) ?? (await bySuffix(client, reference))
}

/** The id of a cluster by its number or its label. @throws AUSCULT_NOT_FOUND; AUSCULT_USAGE when several are called so */
export async function findCluster(client: Client, reference: string): Promise<number> {
  if (/^\d{1,15}$/.test(reference)) return Number(reference)
  const wanted = reference.toLowerCase()
  const called = (await allClusters(client)).filter(({ label }) => label?.toLowerCase() === wanted)
  if (called.length > 1)
    throw ambiguous(
      reference,
      called.map(({ id }) => String(id)),
    )
  if (called.length === 1) return called[0].id
  throw new AuscultError('AUSCULT_NOT_FOUND', `no cluster is called ${reference}`, {
    remedy: '`auscult ctl clusters` lists them with their numbers.',
  })
}

export async function allClusters(client: Client): Promise<ClusterRow[]> {
  const all: ClusterRow[] = []
  for (let after: number | null | undefined; after !== null; ) {
    const page: { clusters: ClusterRow[]; next: number | null } = await client.get(['v1', 'clusters'], {
      limit: PAGE,
      after,
    })
    all.push(...page.clusters)
    after = page.next ?? null
  }
  return all
}

async function bySeq(client: Client, reference: string): Promise<string | undefined> {
  const seq = Number(/^e(\d{1,15})$/.exec(reference)?.[1] ?? 0)
  if (seq === 0) return undefined
  const { episodes } = await client.get<EpisodePage>(['v1', 'episodes'], { limit: 1, before: seq + 1 })
  return episodes.find(episode => episode.seq === seq)?.id
}

async function bySuffix(client: Client, reference: string): Promise<string> {
  const unknown = await client.get<EpisodeRow>(['v1', 'episodes', reference]).catch(notFound)
  if (!(unknown instanceof AuscultError)) return unknown.id
  const found: EpisodeRow[] = []
  let before: number | undefined
  for (let i = 0; i < MOST_PAGES; i++) {
    const page = await client.get<EpisodePage>(['v1', 'episodes'], { limit: PAGE, before })
    found.push(...page.episodes.filter(({ id }) => id.endsWith(reference)))
    if (!page.next) break
    before = page.next
  }
  const names = found.map(episode => `${episodeRef(episode)} ${episode.id}`)
  if (found.length > 1) throw ambiguous(reference, names)
  if (found.length === 0) throw unknown
  return found[0].id
}

/** An error of something that is not there, as a value. */
function notFound(error: unknown): AuscultError {
  if (error instanceof AuscultError && error.code === 'AUSCULT_NOT_FOUND') return error
  throw error
}

function ambiguous(reference: string, candidates: readonly string[]): AuscultError {
  const more = candidates.length > MOST_NAMED ? `, and ${candidates.length - MOST_NAMED} more` : ''
  const named = candidates.slice(0, MOST_NAMED).join(', ')
  return new AuscultError('AUSCULT_USAGE', `${reference} may mean ${named}${more}`, {
    remedy: 'Write more of it, or the short name at the beginning of its line.',
  })
}

function nothing(at: string, message: string): never {
  throw new AuscultError('AUSCULT_NOT_FOUND', message, { at, remedy: '`auscult ctl episodes` lists them.' })
}
