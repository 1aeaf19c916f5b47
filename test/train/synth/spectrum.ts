import { SAMPLE_RATE } from '../../../src/train/synth/index.ts'

/** Power of one frequency in a sound, relative to full scale squared (Goertzel's algorithm over the whole, Hann window). */
export function powerAt(sound: Float32Array, hz: number): number {
  const twice = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE)
  let before = 0
  let last = 0
  for (let i = 0; i < sound.length; i++) {
    const window = 1 - Math.cos((2 * Math.PI * i) / sound.length)
    const next = window * sound[i] + twice * last - before
    before = last
    last = next
  }
  return (last * last + before * before - twice * last * before) / sound.length ** 2
}

/** Mean power in a band: the mean of `powerAt` over a grid of frequencies, over successive quarter seconds. */
export function bandPower(sound: Float32Array, low: number, high: number, steps = 12): number {
  const block = SAMPLE_RATE / 4
  let sum = 0
  let count = 0
  for (let start = 0; start + block <= sound.length; start += block) {
    for (let k = 0; k < steps; k++) {
      sum += powerAt(sound.subarray(start, start + block), low + ((high - low) * k) / (steps - 1))
      count++
    }
  }
  return sum / count
}

export const meanSquare = (sound: Float32Array): number => sound.reduce((sum, x) => sum + x * x, 0) / sound.length

export const decibels = (ratio: number): number => 10 * Math.log10(ratio)
