/** What clients may ask for. Of events it is what stands before the dot of their type. */
export const KINDS = ['score', 'episode', 'cluster', 'drift', 'source', 'decision', 'status'] as const

export type Kind = (typeof KINDS)[number]

/** What is sent to those who do not say. */
export const USUAL_KINDS: readonly Kind[] = KINDS.filter(kind => kind !== 'status')

const BEFORE_TYPE = '{"type":"'

/** `episode` of `episode.opened`. */
export const kindOf = (type: string): Kind => type.split('.', 1)[0] as Kind

/** The kind of an event as the store has it: its text begins with its type. */
export const kindOfText = (text: string): Kind => /^[a-z]+/.exec(text.slice(BEFORE_TYPE.length, 40))?.[0] as Kind
