import { EVENT_KINDS } from '../event-facts.ts'

/** What clients may ask for. */
export const KINDS = ['score', ...EVENT_KINDS, 'status'] as const

export type Kind = (typeof KINDS)[number]

/** What is sent to those who do not say. */
export const USUAL_KINDS: readonly Kind[] = KINDS.filter(kind => kind !== 'status')

const BEFORE_TYPE = '{"type":"'

/** The kind of an event as the store has it: its text begins with its type. */
export const kindOfText = (text: string): Kind => /^[a-z]+/.exec(text.slice(BEFORE_TYPE.length, 40))?.[0] as Kind
