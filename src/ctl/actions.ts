import { parseThreshold } from '../threshold-text.ts'
import type { Client } from './client.ts'
import { type HistoryFilter, queryOf } from './history.ts'
import type { Outcome } from './outcome.ts'
import { allClusters, findCluster, findEpisode } from './references.ts'
import type {
  ClusterRow,
  EpisodeRow,
  InForceRow,
  InfoRow,
  MuteRow,
  ReadyRow,
  RecalibratedRow,
  RevertedRow,
  SourceRow,
  ThresholdsRow,
} from './rows.ts'
import { parseDuration } from './time.ts'
import { usage } from './usage.ts'
import { clustersText, clusterText } from './views/clusters.ts'
import { episodesText, episodeText } from './views/episodes.ts'
import { falseAlarmText, mutedText, mutesText, unmutedText } from './views/mutes.ts'
import { sourcesText, statusText } from './views/sources.ts'
import { inForceText, recalibratedText, revertedText, thresholdsText } from './views/thresholds.ts'

export { evidence } from './evidence.ts'
export { audit, events, exportAll } from './history.ts'
export { webhook, webhooks } from './webhooks.ts'

/** Whoever decides, and why. */
export interface Deciding {
  readonly who: string
  readonly note?: string
}

interface Page {
  readonly limit?: number
  readonly before?: number
  readonly after?: number
}

/** Episodes of a cluster that are shown with it. */
const SHOWN = 5

export async function status(client: Client): Promise<Outcome> {
  const ready = await client.health<ReadyRow>(['readyz'])
  const [info, sources] = await Promise.all([client.get<InfoRow>(['v1', 'info']), allSources(client)])
  return {
    body: { url: client.url, ...ready, info, sources },
    text: screen => statusText(client.url, ready, info, sources, screen),
    exitCode: ready.status === 'ready' ? 0 : 1,
  }
}

export async function sources(client: Client): Promise<Outcome> {
  const found = await allSources(client)
  return { body: { sources: found }, text: screen => sourcesText(found, screen) }
}

export async function episodes(client: Client, filter: HistoryFilter): Promise<Outcome> {
  const query = await queryOf(client, filter)
  const body = await client.get<{ episodes: EpisodeRow[]; next: number | null }>(['v1', 'episodes'], query)
  const labels = new Map((await allClusters(client)).map(({ id, label }) => [id, label]))
  return { body, text: screen => episodesText(body.episodes, body.next, labels, screen) }
}

export async function episode(client: Client, reference: string): Promise<Outcome> {
  const id = await findEpisode(client, reference)
  const body = await client.get<EpisodeRow>(['v1', 'episodes', id])
  return { body, text: screen => episodeText(body, screen) }
}

export async function acknowledge(client: Client, reference: string, by: Deciding): Promise<Outcome> {
  const id = await findEpisode(client, reference)
  const body = await client.post<EpisodeRow>(['v1', 'episodes', id, 'acknowledge'], { ...by })
  return { body, text: screen => episodeText(body, screen) }
}

export async function falseAlarm(
  client: Client,
  reference: string,
  { for: duration, sourceOnly, ...by }: Deciding & { for?: string; sourceOnly?: boolean },
): Promise<Outcome> {
  const seconds = duration === undefined ? null : parseDuration(duration)
  const id = await findEpisode(client, reference)
  const path = ['v1', 'episodes', id, 'false-alarm']
  const body = await client.post<{ episode: EpisodeRow; mute: MuteRow }>(path, {
    ...by,
    seconds,
    source_only: sourceOnly,
  })
  return { body, text: screen => falseAlarmText(body.episode, body.mute, screen) }
}

export async function clusters(client: Client, page: Page): Promise<Outcome> {
  const body = await client.get<{ clusters: ClusterRow[]; next: number | null }>(['v1', 'clusters'], { ...page })
  return { body, text: screen => clustersText(body.clusters, body.next, screen) }
}

export async function cluster(client: Client, reference: string): Promise<Outcome> {
  const id = await findCluster(client, reference)
  const body = await client.get<ClusterRow>(['v1', 'clusters', String(id)])
  const query = { cluster: body.id, limit: SHOWN }
  const { episodes: latest } = await client.get<{ episodes: EpisodeRow[] }>(['v1', 'episodes'], query)
  return { body: { ...body, latest }, text: screen => clusterText(body, latest, screen) }
}

export async function label(
  client: Client,
  reference: string,
  words: readonly string[],
  by: Deciding,
): Promise<Outcome> {
  const id = await findCluster(client, reference)
  const text = words.join(' ').trim() || null
  const path = ['v1', 'clusters', String(id), 'label']
  const body = await client.put<{ cluster: number; label: string | null }>(path, { ...by, label: text })
  return { body, text: () => `cluster ${body.cluster} ${body.label === null ? 'has no label' : `is ${body.label}`}` }
}

export async function mute(
  client: Client,
  { source, cluster: reference, for: duration, ...by }: Deciding & { source?: string; cluster?: string; for?: string },
): Promise<Outcome> {
  if ((source === undefined) === (reference === undefined)) throw usage('mute', 'name a --source or a --cluster')
  const seconds = duration === undefined ? null : parseDuration(duration)
  const target = reference === undefined ? { source } : { cluster: await findCluster(client, reference) }
  const body = await client.post<MuteRow>(['v1', 'mutes'], { ...by, ...target, seconds })
  return { body, text: screen => mutedText(body, screen) }
}

export async function unmute(client: Client, id: string, by: Deciding): Promise<Outcome> {
  const body = await client.delete<MuteRow>(['v1', 'mutes', id], { ...by })
  return { body, text: () => unmutedText(body) }
}

export async function mutes(client: Client): Promise<Outcome> {
  const body = await client.get<{ mutes: MuteRow[] }>(['v1', 'mutes'])
  return { body, text: screen => mutesText(body.mutes, screen) }
}

export async function threshold(
  client: Client,
  text: string | undefined,
  { source, reset, ...by }: Deciding & { source?: string; reset?: boolean },
): Promise<Outcome> {
  if (text !== undefined && reset) throw usage('threshold', 'a policy is set, or --reset: not both')
  if (text === undefined && !reset) {
    if (source !== undefined) throw usage('threshold', 'name a policy for the source, or --reset')
    const body = await client.get<ThresholdsRow>(['v1', 'thresholds'])
    return { body, text: screen => thresholdsText(body, screen) }
  }
  const body =
    text === undefined
      ? await client.delete<InForceRow>(['v1', 'threshold'], { ...by, source })
      : await client.put<InForceRow>(['v1', 'threshold'], { ...by, source, policy: parseThreshold(text) })
  return { body, text: () => inForceText(body) }
}

export async function recalibrate(
  client: Client,
  source: string,
  { force, dryRun, ...by }: Deciding & { force?: boolean; dryRun?: boolean },
): Promise<Outcome> {
  const path = ['v1', 'sources', source, 'recalibrate']
  const body = await client.post<RecalibratedRow>(path, { ...by, force, dry_run: dryRun })
  return { body, text: screen => recalibratedText(body, screen) }
}

export async function revert(client: Client, source: string, by: Deciding): Promise<Outcome> {
  const body = await client.post<RevertedRow>(['v1', 'sources', source, 'revert'], { ...by })
  return { body, text: () => revertedText(body) }
}

async function allSources(client: Client): Promise<SourceRow[]> {
  const all: SourceRow[] = []
  for (let after: string | null | undefined; after !== null; ) {
    const page: { sources: SourceRow[]; next: string | null } = await client.get(['v1', 'sources'], { after })
    all.push(...page.sources)
    after = page.next ?? null
  }
  return all
}
