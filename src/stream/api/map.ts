import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { limit, next, pageOf, whole } from './fields.ts'
import { operation } from './operation.ts'

const tag = 'map'
const rows = z.array(z.array(z.number()))

const map = z.object({
  method: z.enum(['umap', 'pca']),
  seed: z.number().nullable(),
  options: z.looseObject({}).nullable().describe('Of the method'),
  places: rows.describe('[n][2]'),
  pca: z.object({
    explained_variance_ratio: z.array(z.number()),
    places: rows.describe('[n][3], along the principal components'),
  }),
  windows: z.array(z.string()).nullable().describe('Ids, [n]'),
  clusters: z.array(z.number().nullable()).nullable().describe('Ids, [n]'),
  scores: z.array(z.number()).nullable().describe('[n]'),
})

const point = z.object({
  seq: z.number().describe('Rises, also over restarts'),
  source: z.string(),
  window: z.string().describe('Its id'),
  time: z.number().describe('Of the window, milliseconds since the epoch'),
  score: z.number(),
  anomalous: z.boolean(),
  cluster: z.number().optional().describe('The cluster that it fell to'),
  place: z.array(z.number()).describe('[2], on the map'),
  pca: z.array(z.number()).describe('[3], along the principal components'),
})

export const mapOperations = [
  operation({
    id: 'getMap',
    route: 'GET /v1/map',
    tag,
    summary: 'The map of the latents of the training',
    answers: { 200: map },
    refusals: { 404: 'There is no map, or not yet' },
    handle(view) {
      const found = view.map.json()
      if (found) return { body: found }
      const remedy = 'It is there soon after the start, unless map.enabled is false.'
      throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no map now', { remedy })
    },
  }),
  operation({
    id: 'listMapPoints',
    route: 'GET /v1/map/points',
    tag,
    summary: 'Windows that were placed on the map while running, oldest first; the newest 2,000 are kept',
    query: { limit, after: whole(0).optional().describe('Only those with a higher `seq`') },
    answers: { 200: z.object({ points: z.array(point), next: next(z.number(), '`after`') }) },
    handle(view, { query: { limit: size, after } }) {
      const page = pageOf(view.map.points({ limit: size + 1, after }), size, ({ seq }) => seq)
      return { body: { points: page.rows, next: page.next } }
    },
  }),
]
