import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import type { Episode } from '../../types.ts'
import { muteToJson } from '../decisions/json.ts'
import { episodeToJson } from '../episode-json.ts'
import type { StoredEpisode } from '../store/event-store.ts'
import { by, deciderOf, LONGEST_SECONDS, limit, next, pageOf } from './fields.ts'
import { episodeFilters, episodeQuery } from './filters.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'
import type { DaemonView } from './view.ts'

const tag = 'episodes'
const params = { id: z.string().describe('Of the episode') }
const absent = { 404: 'No such episode' }
const seconds = z
  .number()
  .positive()
  .max(LONGEST_SECONDS)
  .nullable()
  .optional()
  .describe('For how long; null: until somebody ends it')

export const episodeOperations = [
  operation({
    id: 'listEpisodes',
    route: 'GET /v1/episodes',
    tag,
    summary: 'Episodes in their latest state, those opened last first',
    query: { limit, ...episodeFilters },
    answers: { 200: z.object({ episodes: z.array(schemas.Episode), next: next(z.number(), '`before`, or `after`') }) },
    async handle(view, { query: { limit: size, ...query } }) {
      const found = await view.store.episodes({ ...episodeQuery(query), limit: size + 1 })
      const page = pageOf(found, size, episode => episode.seq)
      return { body: { episodes: page.rows.map(storedToJson), next: page.next } }
    },
  }),
  operation({
    id: 'getEpisode',
    route: 'GET /v1/episodes/{id}',
    tag,
    summary: 'An episode in its latest state',
    params,
    answers: { 200: schemas.Episode },
    refusals: absent,
    handle: async (view, { params: { id } }) => ({ body: storedToJson(await stored(view, id)) }),
  }),
  operation({
    id: 'getEvidence',
    route: 'GET /v1/episodes/{id}/evidence',
    tag,
    summary: 'Why the worst window of an episode scored as it did: residuals, and what contributes most to them',
    params,
    answers: { 200: schemas.Evidence },
    refusals: { 404: 'No such episode, or nothing of it is kept' },
    async handle(view, { params: { id } }) {
      return { body: (await view.evidence.read(id)) ?? (await nothingKept(view, id)) }
    },
  }),
  operation({
    id: 'getClip',
    route: 'GET /v1/episodes/{id}/clip',
    tag,
    summary: 'The windows around the peak of an episode, as wav or npz',
    params,
    answers: { 200: { types: ['audio/wav', 'application/zip'] } },
    refusals: { 404: 'No such episode, or nothing of it is kept' },
    async handle(view, { params: { id } }) {
      const { type, bytes, name } = (await view.evidence.clip(id)) ?? (await nothingKept(view, id))
      return { type, headers: { 'content-disposition': attachment(name) }, body: bytes }
    },
  }),
  operation({
    id: 'acknowledgeEpisode',
    route: 'POST /v1/episodes/{id}/acknowledge',
    tag,
    summary: 'Say that somebody has seen an episode',
    params,
    body: z.strictObject(by),
    answers: { 200: schemas.Episode },
    refusals: absent,
    async handle(view, { params: { id }, body, from }) {
      return { body: await withSeq(view, await view.decisions.acknowledge(id, deciderOf(body, from))) }
    },
  }),
  operation({
    id: 'reportFalseAlarm',
    route: 'POST /v1/episodes/{id}/false-alarm',
    tag,
    summary: 'Say that an episode was none: what is like it is muted, and counted',
    params,
    body: z.strictObject({
      ...by,
      seconds,
      source_only: z.boolean().optional().describe('Mute what is like it in its own source only'),
    }),
    answers: { 200: z.object({ episode: schemas.Episode, mute: schemas.Mute }) },
    refusals: absent,
    async handle(view, { params: { id }, body, from }) {
      const options = { seconds: body.seconds, sourceOnly: body.source_only }
      const { episode, mute } = await view.decisions.falseAlarm(id, options, deciderOf(body, from))
      return { body: { episode: await withSeq(view, episode), mute: muteToJson(mute) } }
    },
  }),
]

const storedToJson = ({ seq, ...episode }: StoredEpisode) => ({ seq, ...episodeToJson(episode) })

async function stored(view: DaemonView, id: string): Promise<StoredEpisode> {
  const episode = await view.store.episode(id)
  if (episode) return episode
  throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no such episode', {
    at: id,
    remedy: '/v1/episodes lists those that are kept.',
  })
}

async function withSeq(view: DaemonView, episode: Episode): Promise<object> {
  const { seq } = await stored(view, episode.id)
  return { seq, ...episodeToJson(episode) }
}

async function nothingKept(view: DaemonView, id: string): Promise<never> {
  await stored(view, id)
  throw new AuscultError('AUSCULT_NOT_FOUND', 'nothing is kept of this episode', {
    at: id,
    remedy: 'The options `evidence` say of what it is kept, and for how long.',
  })
}

/** Names hold source names, which may be anything. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, escapeSign)}`
}

const escapeSign = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
