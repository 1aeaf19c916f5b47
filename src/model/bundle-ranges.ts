import { z } from '../config.ts'

/** `ranges.json` of a bundle: what its network's values lie between on windows that it was calibrated with; see toInt8. */
export const bundleRangesSchema = z.strictObject({
  /** How many windows were looked at. */
  windows: z.number().int().positive(),
  /** Least and largest of each value of `model.onnx`, by its name. */
  values: z.record(z.string(), z.tuple([z.number(), z.number()])),
})

export type BundleRanges = z.infer<typeof bundleRangesSchema>
