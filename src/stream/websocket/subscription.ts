import { z } from '../../config.ts'
import { KINDS, type Kind, USUAL_KINDS } from './kinds.ts'

const MOST_NAMES = 1000
const MOST_VIEWS = 4
export const LONGEST_SECONDS = 3600

const name = z.string().min(1).max(1000)

/** Everything that a client may choose, by the names of `subscribe`. */
export const chosen = {
  sources: z
    .array(name)
    .max(MOST_NAMES)
    .nullable()
    .describe('Sources that it wants to hear of; null: all. What concerns all sources comes in any case'),
  kinds: z.array(z.enum(KINDS)).describe('What it wants to hear; without it all but `status`'),
  every: z
    .number()
    .min(0)
    .max(LONGEST_SECONDS)
    .describe('Seconds of feed time; at most one score of a source in so long: the highest. 0: all'),
  detail: z.array(name).max(MOST_NAMES).describe('Sources whose scores come one by one all the same'),
  view: z.array(name).max(MOST_VIEWS).describe('Sources whose windows come as pictures'),
}

export const choiceSchema = z.strictObject({
  sources: chosen.sources.default(null),
  kinds: chosen.kinds.default([...USUAL_KINDS]),
  every: chosen.every.default(0),
  detail: chosen.detail.default([]),
  view: chosen.view.default([]),
})

export type Choice = z.infer<typeof choiceSchema>

/** What a client has subscribed to. Those with the same `key` get the same. */
export interface Subscription {
  readonly key: string
  readonly sources: ReadonlySet<string> | null
  readonly kinds: ReadonlySet<Kind>
  readonly every: number
  readonly detail: ReadonlySet<string>
  readonly view: ReadonlySet<string>
}

export function subscriptionOf(choice: Choice): Subscription {
  const { every } = choice
  const [sources, kinds, detail, view] = [choice.sources, choice.kinds, choice.detail, choice.view].map(
    list => list && [...new Set<string>(list)].sort(),
  )
  return {
    key: JSON.stringify([sources, kinds, every, detail, view]),
    sources: sources && new Set(sources),
    kinds: new Set(kinds as Kind[]),
    every,
    detail: new Set(detail),
    view: new Set(view),
  }
}

/** The other way around, as `subscribed` says it. */
export function choiceOf({ sources, kinds, every, detail, view }: Subscription): Choice {
  return {
    sources: sources && [...sources],
    kinds: KINDS.filter(kind => kinds.has(kind)),
    every,
    detail: [...detail],
    view: [...view],
  }
}

/** Whether what is about a source, or about all ('' ), is wanted. */
export const wantsSource = ({ sources }: Subscription, source: string): boolean =>
  sources === null || source === '' || sources.has(source)
