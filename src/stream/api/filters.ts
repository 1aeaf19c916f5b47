import { z } from '../../config.ts'
import { EVENT_KINDS } from '../event-facts.ts'
import { eventSchema } from '../event-json.ts'
import { decimal, flag, oneOrMore, text, whole } from './fields.ts'

/** What lists and exports are asked for by. Without a filter all is meant. */

const milliseconds = 'milliseconds since the epoch, in feed time'
const place = {
  before: whole(1).optional().describe('Only those with a lower `seq`'),
  after: whole(0).optional().describe('Only those with a higher `seq`, and the oldest first'),
}

export const episodeFilters = {
  ...place,
  source: text.optional(),
  state: z.enum(['open', 'closed']).optional(),
  cluster: whole(0).optional().describe('Id of a cluster'),
  muted: flag.optional(),
  acknowledged: flag.optional(),
  since: decimal.optional().describe(`Opened then or later, ${milliseconds}`),
  until: decimal.optional().describe(`Opened before that, ${milliseconds}`),
  min_score: decimal.optional().describe('Least peak score'),
}

export const eventFilters = {
  ...place,
  kind: oneOrMore(z.enum(EVENT_KINDS)).optional().describe('Of these kinds: what stands before the dot of a type'),
  source: oneOrMore(text).optional().describe('Of these sources'),
  episode: text.optional().describe('Id of an episode: its changes, and what was decided of it'),
  cluster: whole(0).optional().describe('Id of a cluster that they tell of, or that their episode is like'),
  since: decimal.optional().describe(`That were then or later, ${milliseconds}`),
  until: decimal.optional().describe(`That were before, ${milliseconds}`),
  min_score: decimal.optional().describe('Least peak score of their episode at that moment; other events have none'),
}

export const auditFilters = {
  ...place,
  source: text.optional().describe('About this source'),
  action: eventSchema.options[4].shape.action.optional(),
  since: decimal.optional().describe('Then or later, milliseconds since the epoch'),
  until: decimal.optional().describe('Before that, milliseconds since the epoch'),
}

type Given<S extends z.ZodRawShape> = z.infer<z.ZodObject<S>>

/** The filters as the store has them. */
export const episodeQuery = ({ min_score: minScore, ...query }: Given<typeof episodeFilters>) => ({
  ...query,
  minScore,
})

export const eventQuery = ({ min_score: minScore, kind, source, ...query }: Given<typeof eventFilters>) => ({
  ...query,
  kinds: kind,
  sources: source,
  minScore,
})
