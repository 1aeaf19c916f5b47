import { z } from '../../config.ts'
import type { SourceStatus } from '../telemetry.ts'

const counts = z.record(z.string(), z.number())
const way = z.enum(['up', 'down']).optional()

/** The form of a source in HTTP answers. */
export const sourceSchema = z.object({
  name: z.string(),
  state: z.enum(['waiting', 'running', 'down', 'handed_over', 'ended', 'failed', 'stopped']),
  reason: z.string().optional().describe('Why it failed or is down'),
  received: z.number().describe('Windows; received = scored + dropped + failed + in_flight'),
  scored: z.number(),
  dropped: counts.describe('Windows by reason'),
  failed: counts.describe('Windows by reason'),
  in_flight: z.number(),
  queued: z.number().describe('Windows that wait to be scored'),
  score: z.number().optional().describe('The latest'),
  threshold: z.number().describe('Score above which a window is anomalous'),
  episodes: z.number().describe('Opened since the start'),
  episode_open: z.boolean(),
  muted: z.boolean().optional().describe('Whether the open episode is muted'),
  muted_episodes: z.number().optional().describe('Episodes that were muted, since the start'),
  suppressed: z.number().describe('Anomalous windows within a cool-down'),
  conditions: z.record(z.string(), z.string()).describe('Its troubles now, each with what is wrong'),
  gaps: z.number().describe('Places where data were missing'),
  late: z.number().describe('Windows of an earlier time than one before them'),
  restarts: z.number().describe('How often what feeds it was started anew'),
  lag: z.number().optional().describe('What waits at the origin, where that is known'),
  drift: z
    .object({
      psi: z.number().describe('Population stability index of the scores against the calibration'),
      level: z.number().optional().describe('Geometric mean of recent normal scores'),
      drifting: z.object({ level: way, distribution: way }).describe('Which kinds of drift are on, and which way'),
      factor: z.number().describe('Factor of the level that was taken as the new normal; 1: none'),
    })
    .optional()
    .describe('How its scores lie to what they were'),
})

export type SourceJson = z.infer<typeof sourceSchema>

export function sourceToJson({ name, state, reason, account, ...status }: SourceStatus): SourceJson {
  return {
    name,
    state,
    reason,
    received: account.received,
    scored: account.scored,
    dropped: account.dropped,
    failed: account.failed,
    in_flight: account.inFlight,
    queued: status.queued,
    score: status.score,
    threshold: status.threshold,
    episodes: status.episodes,
    episode_open: status.episodeOpen,
    muted: status.muted,
    muted_episodes: status.mutedEpisodes,
    suppressed: status.suppressed,
    conditions: status.conditions as Record<string, string>,
    gaps: status.gaps,
    late: status.late,
    restarts: status.restarts,
    lag: status.lag,
    drift: status.drift,
  }
}
