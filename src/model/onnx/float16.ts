const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** IEEE 754 binary16 bits of 32-bit floats, rounded to the nearest, ties to even. */
export const toFloat16 = (values: Float32Array): Uint16Array => Uint16Array.from(values, half)

/** The largest finite number of 16 bits. */
export const FLOAT16_MAX = 65504

function half(value: number): number {
  float[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const magnitude = bits[0] & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // From half a step above the largest number on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  // Below the smallest normal number steps are 2^-24: adding 0.5, whose step is that, rounds to them.
  if (magnitude < 0x38800000) {
    bits[0] = magnitude
    float[0] += 0.5
    return sign | (bits[0] - 0x3f000000)
  }
  const odd = (magnitude >>> 13) & 1
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13)
}
