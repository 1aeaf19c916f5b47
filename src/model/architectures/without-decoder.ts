/** Families that make nothing like features of a latent: what they expect of an item is the mean of the training items. */
const WITHOUT_DECODER: ReadonlySet<string> = new Set(['none', 'deep-svdd', 'lstm-classifier', 'id-embedding'])

/** Families that are trained by a loss of their own in the end, and not by that between features and reconstruction. */
const OWN_LOSS: ReadonlySet<string> = new Set(['deep-svdd', 'f-anogan', 'lstm-classifier', 'id-embedding'])

/** @param type of the architecture */
export const hasOwnLoss = (type: string): boolean => OWN_LOSS.has(type)

/** @param type of the architecture */
export const hasDecoder = (type: string): boolean => !WITHOUT_DECODER.has(type)
