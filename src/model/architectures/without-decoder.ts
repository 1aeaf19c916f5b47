/** Families that make nothing like features of a latent: what they expect of an item is the mean of the training items. */
const WITHOUT_DECODER: ReadonlySet<string> = new Set(['none', 'deep-svdd', 'lstm-classifier', 'id-embedding'])

/** @param type of the architecture */
export const hasDecoder = (type: string): boolean => !WITHOUT_DECODER.has(type)
