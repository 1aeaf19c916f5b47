import type { NumberType } from '../../numbers.ts'

/**
 * One channel of interleaved samples, scaled as libsndfile does (int16 / 32768, (uint8 − 128) / 128, …): the mean of all, or `channel`.
 * @param values interleaved, a whole number of frames; reused for the result where it is one channel
 */
export function toMono(values: Float32Array, type: NumberType, channels: number, channel: number | null): Float32Array {
  const scale = type.kind === 'f' ? 1 : 2 ** (1 - 8 * type.width)
  const bias = type.kind === 'u' ? -(2 ** (8 * type.width - 1)) : 0
  if (channels === 1) {
    if (type.kind !== 'f') for (let i = 0; i < values.length; i++) values[i] = (values[i] + bias) * scale
    return values
  }
  const mono = new Float32Array(values.length / channels)
  for (let i = 0, v = 0; i < mono.length; i++, v += channels) {
    if (channel !== null) {
      mono[i] = (values[v + channel] + bias) * scale
      continue
    }
    let sum = 0
    for (let c = 0; c < channels; c++) sum += values[v + c]
    mono[i] = (sum / channels + bias) * scale
  }
  return mono
}
