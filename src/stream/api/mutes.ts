import { z } from '../../config.ts'
import { muteToJson } from '../decisions/json.ts'
import { by, deciderOf, LONGEST_SECONDS, text } from './fields.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

const tag = 'mutes'

const newMute = z
  .strictObject({
    source: text.optional().describe('Episodes of this source'),
    cluster: z.number().int().min(0).optional().describe('Episodes of this cluster'),
    seconds: z
      .number()
      .positive()
      .max(LONGEST_SECONDS)
      .nullable()
      .describe('For how long; null: until somebody ends it'),
    ...by,
  })
  .refine(({ source, cluster }) => (source === undefined) !== (cluster === undefined), 'name a source or a cluster')
  .describe('What is muted: a source or a cluster, one of them')

export const muteOperations = [
  operation({
    id: 'listMutes',
    route: 'GET /v1/mutes',
    tag,
    summary: 'What is muted, oldest first',
    answers: { 200: z.object({ mutes: z.array(schemas.Mute) }) },
    handle: view => ({ body: { mutes: view.decisions.mutes().map(muteToJson) } }),
  }),
  operation({
    id: 'mute',
    route: 'POST /v1/mutes',
    tag,
    summary: 'Mute a source or a cluster: its episodes are stored and counted, but alert nobody',
    body: newMute,
    answers: { 201: schemas.Mute },
    refusals: { 404: 'No such source or cluster' },
    async handle(view, { body: { source, cluster, seconds, ...body }, from }) {
      const target = source === undefined ? { cluster: cluster! } : { source }
      return { status: 201, body: muteToJson(await view.decisions.mute(target, seconds, deciderOf(body, from))) }
    },
  }),
  operation({
    id: 'unmute',
    route: 'DELETE /v1/mutes/{id}',
    tag,
    summary: 'End a mute; answers what it was',
    params: { id: z.string().describe('Of the mute') },
    query: by,
    answers: { 200: schemas.Mute },
    refusals: { 404: 'No such mute' },
    handle: async (view, { params: { id }, query, from }) => ({
      body: muteToJson(await view.decisions.unmute(id, deciderOf(query, from))),
    }),
  }),
]
