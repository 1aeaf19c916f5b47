import type { BitReader } from './bit-reader.ts'

/** Coefficients of the fixed predictors of order 0 to 4, the latest sample first. */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]]

/**
 * One channel of a FLAC frame (RFC 9639, section 9.2): constant, verbatim, or a prediction and what it misses. Sums are exact:
 * samples of 33 bits times coefficients of 15, 32 of them, stay below 2^53.
 * @returns `count` integers, or undefined when the bits are none that an encoder writes
 */
export function decodeSubframe(reader: BitReader, count: number, bits: number): Float64Array | undefined {
  if (reader.read(1) !== 0) return undefined
  const type = reader.read(6)
  const wasted = reader.read(1) === 1 ? reader.unary() + 1 : 0
  const width = bits - wasted
  if (width < 1 || reader.overrun) return undefined
  const samples = decodeType(reader, type, count, width)
  if (samples && wasted > 0) {
    const scale = 2 ** wasted
    for (let i = 0; i < count; i++) samples[i] *= scale
  }
  return samples
}

function decodeType(reader: BitReader, type: number, count: number, width: number): Float64Array | undefined {
  if (type === 0) return new Float64Array(count).fill(reader.readSigned(width))
  if (type === 1) return verbatim(reader, count, width)
  if (type >= 8 && type <= 12)
    return predicted(reader, count, width, type - 8, reader => fixedPredictor(reader, type - 8))
  if (type >= 32) return predicted(reader, count, width, type - 31, reader => linearPredictor(reader, type - 31))
  return undefined
}

function verbatim(reader: BitReader, count: number, width: number): Float64Array | undefined {
  const samples = new Float64Array(count)
  for (let i = 0; i < count; i++) samples[i] = reader.readSigned(width)
  return reader.overrun ? undefined : samples
}

interface Predictor {
  /** The latest sample first. */
  readonly coefficients: ArrayLike<number>
  /** Bits that a sum is shifted right by. */
  readonly shift: number
}

const fixedPredictor = (_: BitReader, order: number): Predictor => ({ coefficients: FIXED[order], shift: 0 })

function linearPredictor(reader: BitReader, order: number): Predictor | undefined {
  const precision = reader.read(4) + 1
  const shift = reader.readSigned(5)
  if (precision === 16 || shift < 0) return undefined
  return { coefficients: Float64Array.from({ length: order }, () => reader.readSigned(precision)), shift }
}

function predicted(
  reader: BitReader,
  count: number,
  width: number,
  order: number,
  readPredictor: (reader: BitReader) => Predictor | undefined,
): Float64Array | undefined {
  if (order > count) return undefined
  const samples = new Float64Array(count)
  for (let i = 0; i < order; i++) samples[i] = reader.readSigned(width)
  const predictor = readPredictor(reader)
  if (!predictor || !addResiduals(reader, samples, order)) return undefined
  predict(samples, order, predictor)
  return samples
}

/** Adds to each residual what the predictor makes of the samples before it, in place. */
function predict(samples: Float64Array, order: number, { coefficients, shift }: Predictor): void {
  const scale = 2 ** -shift
  for (let i = order; i < samples.length; i++) {
    let sum = 0
    for (let j = 0; j < order; j++) sum += coefficients[j] * samples[i - 1 - j]
    samples[i] += shift === 0 ? sum : Math.floor(sum * scale)
  }
}

/** Reads Rice-coded residuals into `samples` from `order` on. @returns whether they are well formed */
function addResiduals(reader: BitReader, samples: Float64Array, order: number): boolean {
  const method = reader.read(2)
  if (method > 1) return false
  const parameterBits = method === 0 ? 4 : 5
  const unencoded = 2 ** parameterBits - 1
  const partitions = 2 ** reader.read(4)
  const size = samples.length / partitions
  if (!Number.isInteger(size) || size < order) return false
  let i = order
  for (let partition = 1; partition <= partitions; partition++) {
    const end = partition * size
    const parameter = reader.read(parameterBits)
    if (parameter === unencoded) {
      const width = reader.read(5)
      for (; i < end; i++) samples[i] = reader.readSigned(width)
    } else {
      const scale = 2 ** parameter
      for (; i < end; i++) {
        const folded = reader.unary() * scale + reader.read(parameter)
        samples[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
      }
    }
    if (reader.overrun) return false
  }
  return true
}
