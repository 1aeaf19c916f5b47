import { AuscultError } from '../../errors.ts'
import type { Random } from '../../random.ts'

/** A table of latents, `[rows × dimensions]`, row-major. */
export interface Latents {
  readonly data: Float64Array
  readonly rows: number
  readonly dimensions: number
}

/**
 * Copies a latent to float64: inner loops that see one type of array only are several times as fast.
 * @throws AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE
 */
export function readLatent(latent: Float32Array, into: Float64Array): Float64Array {
  const dimensions = into.length
  if (latent.length !== dimensions) {
    throw new AuscultError('AUSCULT_INPUT_SHAPE', `a latent has ${latent.length} values, not ${dimensions}`, {
      remedy: 'Clusters belong to one model: take those of the same bundle.',
    })
  }
  for (let i = 0; i < dimensions; i++) {
    if (!Number.isFinite(latent[i])) {
      throw new AuscultError('AUSCULT_NON_FINITE', `value ${i} of a latent is ${latent[i]}`)
    }
  }
  into.set(latent)
  return into
}

/** @throws AUSCULT_NON_FINITE */
export function checkTime(time: number): void {
  if (!Number.isFinite(time)) throw new AuscultError('AUSCULT_NON_FINITE', `the time of a latent is ${time}`)
}

/** @throws AUSCULT_INPUT_SHAPE, AUSCULT_NON_FINITE */
export function latentsOf(data: Float32Array, dimensions: number): Latents {
  if (!(dimensions >= 1) || data.length % dimensions !== 0) {
    throw new AuscultError(
      'AUSCULT_INPUT_SHAPE',
      `${data.length} values are no table of latents of ${dimensions} values`,
    )
  }
  const bad = data.findIndex(value => !Number.isFinite(value))
  if (bad >= 0) {
    const at = `latent ${Math.floor(bad / dimensions)}`
    throw new AuscultError('AUSCULT_NON_FINITE', `value ${bad % dimensions} is ${data[bad]}`, { at })
  }
  return { data: Float64Array.from(data), rows: data.length / dimensions, dimensions }
}

/** At most `most` of the rows, chosen evenly at random, in their order. */
export function sampleRows(latents: Latents, most: number, random: Random): Latents {
  const { data, rows, dimensions } = latents
  if (rows <= most) return latents
  const picked = new Float64Array(most * dimensions)
  let taken = 0
  for (let i = 0; i < rows && taken < most; i++) {
    if (random.uniform() * (rows - i) < most - taken) {
      picked.set(data.subarray(i * dimensions, (i + 1) * dimensions), dimensions * taken++)
    }
  }
  return { data: picked, rows: most, dimensions }
}

/** Squared Euclidean distance of a row of `a` to a row of `b`, both given by where they begin. */
export function squaredDistance(
  a: Float64Array,
  from: number,
  b: Float64Array,
  to: number,
  dimensions: number,
): number {
  // Four sums at once: one alone waits for each addition.
  let a0 = 0
  let a1 = 0
  let a2 = 0
  let a3 = 0
  let i = 0
  for (; i + 3 < dimensions; i += 4) {
    const x = a[from + i] - b[to + i]
    const y = a[from + i + 1] - b[to + i + 1]
    const z = a[from + i + 2] - b[to + i + 2]
    const w = a[from + i + 3] - b[to + i + 3]
    a0 += x * x
    a1 += y * y
    a2 += z * z
    a3 += w * w
  }
  for (; i < dimensions; i++) {
    const x = a[from + i] - b[to + i]
    a0 += x * x
  }
  return a0 + a1 + (a2 + a3)
}

/** The same; where it is more than the bound, something more than the bound. */
export function boundedSquaredDistance(
  a: Float64Array,
  from: number,
  b: Float64Array,
  to: number,
  dimensions: number,
  bound: number,
): number {
  let sum = 0
  let i = 0
  for (; i + 3 < dimensions && sum <= bound; i += 4) {
    const x = a[from + i] - b[to + i]
    const y = a[from + i + 1] - b[to + i + 1]
    const z = a[from + i + 2] - b[to + i + 2]
    const w = a[from + i + 3] - b[to + i + 3]
    sum += x * x + y * y + (z * z + w * w)
  }
  for (; i < dimensions && sum <= bound; i++) {
    const x = a[from + i] - b[to + i]
    sum += x * x
  }
  return sum
}

/** Mean variance of a dimension, and mean square of a value. */
export function spreadOf({ data, rows, dimensions }: Latents): { variance: number; square: number } {
  let variance = 0
  let square = 0
  for (let j = 0; j < dimensions; j++) {
    let mean = 0
    for (let i = 0; i < rows; i++) mean += data[i * dimensions + j]
    mean /= rows
    let sum = 0
    for (let i = 0; i < rows; i++) sum += (data[i * dimensions + j] - mean) ** 2
    variance += sum / rows / dimensions
    square += (sum / rows + mean * mean) / dimensions
  }
  return { variance, square }
}

/** The value that a part `fraction` of `values` does not exceed, between ranks on a line (numpy's `linear`). */
export function quantile(values: ArrayLike<number>, fraction: number): number {
  const sorted = Float64Array.from(values).sort()
  const position = fraction * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}
