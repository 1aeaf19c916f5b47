import type { Picture } from './picture.ts'

/** Values that are looked at of a picture. */
const SAMPLE = 2048
/** Parts of the values that may lie below and above the range. */
const BELOW = 0.01
const ABOVE = 0.002
const ROOM = 0.05
/** Part of the way to values outside that the range goes with each picture. */
const STEP = 0.5
/** How fast it forgets how wide it had to be, and how much too wide it may be. */
const FADE = 0.02
const SLACK = 1.4
const SMALLEST = 1e-9

/**
 * The range of values that pictures of a source are drawn in. It is that of the first picture, goes half of the way to values outside with
 * each picture, and stays as it is until it has been much too wide for long: pictures do not flicker.
 */
export class ValueRange {
  low = Number.NaN
  high = Number.NaN
  #usual: [number, number] = [Number.NaN, Number.NaN]

  take(picture: Picture): void {
    const [low, high] = extent(picture)
    if (Number.isNaN(low)) return
    if (Number.isNaN(this.low)) {
      this.#usual = [low, high]
      this.#set(low, high)
      return
    }
    const room = ROOM * (this.high - this.low)
    this.#usual = [Math.min(low, fade(this.#usual[0], low)), Math.max(high, fade(this.#usual[1], high))]
    const [below, above] = [Math.max(0, this.low - low), Math.max(0, high - this.high)]
    if (below > room || above > room) {
      this.#put(this.low - (below > room ? STEP * below : 0), this.high + (above > room ? STEP * above : 0))
    } else if ((this.#usual[1] - this.#usual[0]) * SLACK < this.high - this.low) {
      this.#set(...this.#usual)
    }
  }

  #set(low: number, high: number): void {
    const room = ROOM * (high - low)
    this.#put(low - room, high + room)
  }

  #put(low: number, high: number): void {
    const width = Math.max(high - low, SMALLEST, Math.abs(high) * 1e-3)
    const digit = 10 ** Math.floor(Math.log10(width) - 2)
    this.low = tidy(Math.floor(low / digit) * digit)
    this.high = tidy(Math.ceil((low + width) / digit) * digit)
  }
}

const fade = (before: number, now: number): number => before + FADE * (now - before)

/** Without the noise of binary fractions. */
const tidy = (value: number): number => Number(value.toPrecision(9))

/** From where to where nearly all finite values lie; where nearly all are the same, to the greatest. */
function extent({ features, reconstruction }: Picture): [number, number] {
  const step = Math.max(1, Math.floor((2 * features.length) / SAMPLE))
  const sample: number[] = []
  for (const values of [features, reconstruction]) {
    for (let i = 0; i < values.length; i += step) if (Number.isFinite(values[i])) sample.push(values[i])
  }
  if (sample.length === 0) return [Number.NaN, Number.NaN]
  const sorted = Float64Array.from(sample).sort()
  const last = sorted.length - 1
  const low = sorted[Math.floor(BELOW * last)]
  const high = sorted[Math.ceil((1 - ABOVE) * last)]
  return high > low ? [low, high] : [sorted[0], greatest(features)]
}

function greatest(values: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) if (value > most && Number.isFinite(value)) most = value
  return most
}
