import { z } from '../../config.ts'
import { thresholdsToJson } from '../decisions/json.ts'
import type { ThresholdSet } from '../decisions/types.ts'
import { by, deciderOf, text } from './fields.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

const tag = 'thresholds'
const source = text.optional().describe('Of this source; without it, of all that have none of their own')
const inForce = z.object({
  source: z.string().nullable().describe('null: all that have none of their own'),
  policy: schemas.ThresholdPolicy,
  threshold: z.number().describe('Score above which windows are anomalous; of a policy that moves, the first'),
})

export const thresholdOperations = [
  operation({
    id: 'listThresholds',
    route: 'GET /v1/thresholds',
    tag,
    summary: 'The configured policy, and those that were set while running',
    answers: {
      200: z.object({
        configured: schemas.ThresholdPolicy,
        all: schemas.ThresholdChoice.nullable().describe('For all sources without one of their own'),
        sources: z.array(schemas.ThresholdChoice.extend({ source: z.string() })),
      }),
    },
    handle: view => ({ body: thresholdsToJson(view.decisions.thresholds()) }),
  }),
  operation({
    id: 'setThreshold',
    route: 'PUT /v1/threshold',
    tag,
    summary: 'Set the threshold policy, of a source or of all, without training again',
    body: z.strictObject({ policy: schemas.ThresholdPolicy, source, ...by }),
    answers: { 200: inForce },
    refusals: { 404: 'No such source' },
    handle: async (view, { body, from }) => ({
      body: toJson(await view.decisions.setThreshold(body.source, body.policy, deciderOf(body, from))),
    }),
  }),
  operation({
    id: 'resetThreshold',
    route: 'DELETE /v1/threshold',
    tag,
    summary: 'Give up a policy that was set; answers what is in force then',
    query: { source, ...by },
    answers: { 200: inForce },
    refusals: { 404: 'No such source' },
    handle: async (view, { query, from }) => ({
      body: toJson(await view.decisions.resetThreshold(query.source, deciderOf(query, from))),
    }),
  }),
]

const toJson = ({
  source: name = null,
  policy,
  threshold,
}: Omit<ThresholdSet, 'source'> & { source?: string | null }) => ({
  source: name,
  policy,
  threshold,
})
