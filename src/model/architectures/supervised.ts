/** Architectures that learn to tell classes apart. */
const SUPERVISED: ReadonlySet<string> = new Set(['lstm-classifier', 'id-embedding'])

/** Architectures that take sequences of any number of frames. */
const ANY_LENGTH: ReadonlySet<string> = new Set(['lstm-classifier'])

/** Whether an architecture of this type is trained with `classes:`. */
export const needsClasses = (type: string): boolean => SUPERVISED.has(type)

/** Whether batches for an architecture of this type may be cut to their longest item where padding is masked. */
export const takesLengths = (type: string): boolean => ANY_LENGTH.has(type)
