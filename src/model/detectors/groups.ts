import type { Latents } from '../clusters/latents.ts'

/**
 * The mean of each group of rows, and the rows around these.
 * @param of the group of each row, `[rows]` @returns means `[count × d]`, zero for a group without rows
 */
export function centreGroups(
  { data, rows, dimensions: d }: Latents,
  of: readonly number[],
  count: number,
): { means: Float64Array; centred: Latents } {
  const means = new Float64Array(count * d)
  const sizes = new Float64Array(count)
  for (const group of of) sizes[group]++
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) means[of[i] * d + j] += data[i * d + j] / sizes[of[i]]
  const centred = new Float64Array(rows * d)
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) centred[i * d + j] = data[i * d + j] - means[of[i] * d + j]
  return { means, centred: { data: centred, rows, dimensions: d } }
}
