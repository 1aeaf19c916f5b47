import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { limit, next, pageOf, whole } from './fields.ts'
import { operation } from './operation.ts'

const tag = 'map'
const point = z.looseObject({ seq: z.number().int() })

export const mapOperations = [
  operation({
    id: 'getMap',
    route: 'GET /v1/map',
    tag,
    summary: 'The map of the latents of the training',
    answers: { 200: z.looseObject({}) },
    refusals: { 404: 'The bundle has no map' },
    handle(view) {
      const map = view.map.json()
      if (map) return { body: map }
      throw new AuscultError('AUSCULT_NOT_FOUND', 'the bundle has no map', { remedy: 'Train again, with a map.' })
    },
  }),
  operation({
    id: 'listMapPoints',
    route: 'GET /v1/map/points',
    tag,
    summary: 'Windows that were placed on the map while running, oldest first',
    query: { limit, after: whole(0).optional().describe('Only those with a higher `seq`') },
    answers: { 200: z.object({ points: z.array(point), next: next(z.number(), '`after`') }) },
    handle(view, { query: { limit: size, after } }) {
      const page = pageOf(view.map.points({ limit: size + 1, after }), size, ({ seq }) => seq)
      return { body: { points: page.rows, next: page.next } }
    },
  }),
]
