import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { clusterToJson } from './cluster-json.ts'
import { by, deciderOf, limit, next, pageOf, whole } from './fields.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'

const tag = 'clusters'
const params = { id: whole(0).describe('Of the cluster') }
const absent = { 404: 'No such cluster' }

export const clusterOperations = [
  operation({
    id: 'listClusters',
    route: 'GET /v1/clusters',
    tag,
    summary: 'Clusters of latents, by their id',
    query: { limit, after: whole(0).optional().describe('Only those with a higher id') },
    answers: { 200: z.object({ clusters: z.array(schemas.Cluster), next: next(z.number(), '`after`') }) },
    handle(view, { query: { limit: size, after } }) {
      const page = pageOf(view.clusters.list({ limit: size + 1, after }), size, cluster => cluster.id)
      return { body: { clusters: page.rows.map(clusterToJson), next: page.next } }
    },
  }),
  operation({
    id: 'getCluster',
    route: 'GET /v1/clusters/{id}',
    tag,
    summary: 'The cluster of this id, or the one that it was merged into',
    params,
    answers: { 200: schemas.Cluster },
    refusals: absent,
    handle(view, { params: { id } }) {
      const cluster = view.clusters.get(id)
      if (cluster) return { body: clusterToJson(cluster) }
      throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no such cluster', {
        at: String(id),
        remedy: '/v1/clusters lists them.',
      })
    },
  }),
  operation({
    id: 'labelCluster',
    route: 'PUT /v1/clusters/{id}/label',
    tag,
    summary: 'Name a cluster',
    params,
    body: z.strictObject({
      label: z.string().trim().min(1).max(200).nullable().describe('What people call it; null takes the name away'),
      ...by,
    }),
    answers: { 200: z.object({ cluster: z.number(), label: z.string().nullable() }) },
    refusals: absent,
    handle: async (view, { params: { id }, body, from }) => ({
      body: await view.decisions.label(id, body.label, deciderOf(body, from)),
    }),
  }),
]
