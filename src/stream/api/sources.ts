import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { by, deciderOf, limit, MOST_ROWS, next, pageOf, text, whole } from './fields.ts'
import { operation } from './operation.ts'
import * as schemas from './schemas.ts'
import { sourceToJson } from './source-json.ts'
import type { DaemonView } from './view.ts'

const tag = 'sources'
const params = { name: z.string().describe('Of the source') }
const absent = { 404: 'No such source' }
const MOST_SECONDS = 86_400
const MOST_POINTS = 5000

const recentScore = z.object({
  time: z.number().describe('Of the worst of these windows, milliseconds since the epoch'),
  duration: z.number().describe('Seconds that it spans; 0 for a detector frame'),
  score: z.number().describe('Its score'),
  threshold: z.number().describe('The threshold that it was judged by'),
  anomalous: z.boolean().describe('Whether it is anomalous; it is if any of them is'),
  windows: z.number().int().describe('How many it stands for'),
})

export const sourceOperations = [
  operation({
    id: 'listSources',
    route: 'GET /v1/sources',
    tag,
    summary: 'Sources with their counts, by name',
    query: {
      limit: limit.default(MOST_ROWS),
      after: text.optional().describe('Only those whose name comes after this one'),
    },
    answers: { 200: z.object({ sources: z.array(schemas.Source), next: next(z.string(), '`after`') }) },
    handle(view, { query: { limit: size, after = '' } }) {
      const sources = view
        .sources()
        .filter(({ name }) => name > after)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
      const page = pageOf(sources, size, ({ name }) => name)
      return { body: { sources: page.rows.map(sourceToJson), next: page.next } }
    },
  }),
  operation({
    id: 'getSource',
    route: 'GET /v1/sources/{name}',
    tag,
    summary: 'A source with its counts',
    params,
    answers: { 200: schemas.Source },
    refusals: absent,
    handle: (view, { params: { name } }) => ({ body: sourceToJson(sourceOf(view, name)) }),
  }),
  operation({
    id: 'listRecentScores',
    route: 'GET /v1/sources/{name}/scores',
    tag,
    summary:
      'The latest scores of a source, from memory, oldest first: what is older is coarser, the worst window of several',
    params,
    query: {
      seconds: whole(1, MOST_SECONDS).default(600).describe('Back from the latest window, in feed time'),
      points: whole(1, MOST_POINTS).default(600).describe('Most entries of the answer'),
    },
    answers: { 200: z.object({ scores: z.array(recentScore) }) },
    refusals: absent,
    handle(view, { params: { name }, query }) {
      sourceOf(view, name)
      return { body: { scores: view.scores.of(name, query) } }
    },
  }),
  operation({
    id: 'recalibrate',
    route: 'POST /v1/sources/{name}/recalibrate',
    tag,
    summary: 'Calibrate a source anew, from its own recent windows that were normal',
    params,
    body: z.strictObject({
      ...by,
      force: z.boolean().optional().describe('Also where the threshold changes by more than is allowed without'),
      dry_run: z.boolean().optional().describe('Only say what would come of it'),
    }),
    answers: { 200: z.object({ source: z.string(), applied: z.boolean(), report: schemas.RecalibrationReport }) },
    refusals: { ...absent, 409: 'Too few normal windows, or too large a change' },
    async handle(view, { params: { name }, body, from }) {
      const options = { force: body.force, dryRun: body.dry_run }
      const { source, applied, report } = await view.decisions.recalibrate(name, options, deciderOf(body, from))
      return { body: { source, applied, report } }
    },
  }),
  operation({
    id: 'revertRecalibration',
    route: 'POST /v1/sources/{name}/revert',
    tag,
    summary: 'Take the latest recalibration of a source back; again, the one before it',
    params,
    body: z.strictObject(by),
    answers: {
      200: z.object({
        source: z.string(),
        before: z.number().describe('Threshold by the calibration that was given up'),
        after: z.number().describe('Threshold by the one that is back'),
        left: z.number().describe('How many more steps back there are'),
      }),
    },
    refusals: { ...absent, 409: 'There is nothing to take back' },
    handle: async (view, { params: { name }, body, from }) => ({
      body: await view.decisions.revert(name, deciderOf(body, from)),
    }),
  }),
]

function sourceOf(view: DaemonView, name: string) {
  const source = view.sources().find(status => status.name === name)
  if (source) return source
  throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no such source', {
    at: name,
    remedy: '/v1/sources lists them.',
  })
}
