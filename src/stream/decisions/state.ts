import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { thresholdSchema } from '../../model/threshold.ts'
import type { DecisionEvent } from '../../types.ts'

const time = z.number()
const who = z.string()
const note = z.string().optional()

const choiceSchema = z.strictObject({
  /** Empty: for all sources without one of their own. */
  source: z.string(),
  policy: thresholdSchema,
  who,
  at: time,
  note,
})

const labelSchema = z.strictObject({ clusters_key: z.string(), cluster: z.number().int(), label: z.string() })

const muteSchema = z.strictObject({
  id: z.string(),
  reason: z.enum(['mute', 'false_alarm']),
  source: z.string().optional(),
  cluster: z.number().int().optional(),
  clusters_key: z.string().optional(),
  episode_id: z.string().optional(),
  until: time.nullable(),
  who,
  at: time,
  note,
})

export type SavedMute = z.infer<typeof muteSchema>

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Number of the next decision. */
  next: z.number().int().positive(),
  thresholds: z.array(choiceSchema),
  labels: z.array(labelSchema),
  mutes: z.array(muteSchema),
})

/** What is decided, besides calibrations, which are kept apart for their size. Changed only by `decided`. */
export type DecisionsState = z.infer<typeof stateSchema>

/** Labels that are kept; those of clusters that are no longer in use go first, the oldest of them first. */
const MOST_LABELS = 5000

export const undecided = (next = 1): DecisionsState => ({ version: 1, next, thresholds: [], labels: [], mutes: [] })

/** @throws AUSCULT_STATE */
export function readState(raw: unknown): DecisionsState {
  const { success, data, error } = stateSchema.safeParse(raw)
  if (success) return data
  const { path, message } = error.issues[0]
  throw new AuscultError(
    'AUSCULT_STATE',
    `saved decisions cannot be used: ${path.join('.') || '(top level)'}: ${message}`,
    {
      remedy: 'They are of another version or were changed. They are kept in the store under decisions/refused.',
    },
  )
}

const ended = z.object({ id: z.string() })
const after = {
  label: z.object({ label: z.string().nullable(), clusters_key: z.string() }),
  choice: z.object({ policy: thresholdSchema }),
  mute: z.object(muteSchema.shape),
}

/** The state after a decision: what the audit log holds is enough to make the state from it. */
export function decided(state: DecisionsState, event: DecisionEvent): DecisionsState {
  const next = { ...state, next: state.next + 1 }
  const { source, who, time: at } = event
  switch (event.action) {
    case 'threshold.set': {
      const { policy } = after.choice.parse(event.after)
      const choice = { source, policy, who, at, ...(event.note !== undefined && { note: event.note }) }
      return { ...next, thresholds: [...without(state, source), choice] }
    }
    case 'threshold.reset':
      return { ...next, thresholds: without(state, source) }
    case 'cluster.labelled':
      return { ...next, labels: relabelled(state, event.cluster!, after.label.parse(event.after)) }
    case 'muted':
    case 'false_alarm':
      return { ...next, mutes: [...state.mutes, after.mute.parse(event.after)] }
    case 'unmuted':
    case 'mute.expired': {
      const { id } = ended.parse(event.before)
      return { ...next, mutes: state.mutes.filter(mute => mute.id !== id) }
    }
    default:
      return next
  }
}

const without = (state: DecisionsState, source: string) => state.thresholds.filter(choice => choice.source !== source)

function relabelled(
  { labels }: DecisionsState,
  cluster: number,
  { label, clusters_key }: z.infer<typeof after.label>,
): DecisionsState['labels'] {
  const others = labels.filter(each => each.cluster !== cluster || each.clusters_key !== clusters_key)
  if (label === null) return others
  const first = others.findIndex(each => each.clusters_key !== clusters_key)
  if (others.length >= MOST_LABELS) others.splice(Math.max(0, first), 1)
  return [...others, { clusters_key, cluster, label }]
}
