import type { SourceCondition } from '../../types.ts'
import type { SignalConfig } from './config.ts'
import { Latch } from './latch.ts'
import { RateMonitor } from './rate-monitor.ts'

/** Blocks of a second that are judged one by one. */
const BLOCKS = 10
/** Converters clip at the largest number or a little below. 32,767 of 16 bits is 0.99997. */
const FULL_SCALE = 0.999
/** Sound must be so much louder than the silence that it ends, dB. */
const SILENCE_MARGIN = 6

/** A trouble began, with what was measured; or it is over: undefined. */
export type OnSignalChange = (condition: SourceCondition, message: string | undefined) => void

/**
 * Watches a feed of sound for what is wrong with the feed rather than with the machine. Exact zeros, as from a muted input, are silence; any
 * other constant is a flat line, and neither silence nor clipping. Costs one pass over the samples and allocates nothing while nothing changes.
 */
export class SignalMonitor {
  readonly #config: SignalConfig
  readonly #onChange: OnSignalChange
  readonly #blockSize: number
  readonly #rate: number
  readonly #silence: Latch | undefined
  readonly #flat: Latch | undefined
  readonly #rateMonitor: RateMonitor | undefined
  /** Samples at full scale in each block of the last seconds. */
  readonly #clipped: Uint32Array
  #clippedAt = 0
  #clippedTotal = 0
  #clipping = false
  #filled = 0
  #sum = 0
  #squares = 0
  #first = 0
  /** First sample of the block before. */
  #before = Number.NaN
  #same = 0
  #blockClipped = 0

  constructor(sampleRate: number, config: SignalConfig, onChange: OnSignalChange) {
    this.#config = config
    this.#onChange = onChange
    this.#rate = sampleRate
    this.#blockSize = Math.max(2, Math.round(sampleRate / BLOCKS))
    const { silence, flat_line, clipping, wrong_rate } = config
    this.#silence = silence ? new Latch(blocksOf(silence.seconds)) : undefined
    this.#flat = flat_line ? new Latch(blocksOf(flat_line.seconds)) : undefined
    this.#clipped = new Uint32Array(clipping ? blocksOf(clipping.seconds) : 1)
    this.#rateMonitor = wrong_rate ? new RateMonitor(sampleRate, wrong_rate.tolerance, wrong_rate.seconds) : undefined
  }

  /**
   * The next samples, full scale 1.
   * @param now when they arrived, ms of a clock that does not go back; left out where the feed does not run in real time
   * @param clipped how many of them are at full scale, where that cannot be seen in them: a mean of channels
   */
  push(samples: Float32Array, now?: number, clipped?: number): void {
    if (now !== undefined) this.#watchRate(samples.length, now)
    for (let i = 0; i < samples.length; ) {
      const end = Math.min(samples.length, i + this.#blockSize - this.#filled)
      const part = clipped === undefined ? undefined : Math.round((clipped * (end - i)) / samples.length)
      this.#take(samples, i, end, part)
      i = end
      if (this.#filled === this.#blockSize) this.#judge()
    }
  }

  /** Begins anew after samples were lost. Troubles last until sound that arrives later ends them. */
  reset(): void {
    this.#silence?.reset()
    this.#flat?.reset()
    this.#rateMonitor?.reset()
    this.#clearBlock()
  }

  #watchRate(samples: number, now: number): void {
    const measured = this.#rateMonitor?.push(samples, now)
    if (measured === undefined) return
    const message = measured === null ? undefined : describeRate(measured, this.#rate)
    this.#onChange('wrong_rate', message)
  }

  #take(samples: Float32Array, from: number, to: number, clipped: number | undefined): void {
    if (this.#filled === 0) this.#first = samples[from]
    const first = this.#first
    let sum = 0
    let squares = 0
    let same = 0
    let full = 0
    for (let i = from; i < to; i++) {
      const x = samples[i]
      sum += x
      squares += x * x
      if (x === first) same++
      if (x >= FULL_SCALE || x <= -FULL_SCALE) full++
    }
    this.#sum += sum
    this.#squares += squares
    this.#same += same
    this.#blockClipped += clipped ?? full
    this.#filled += to - from
  }

  #judge(): void {
    const isConstant = this.#same === this.#blockSize
    const isFlat = isConstant && this.#first !== 0
    this.#judgeSilence(isConstant, isFlat)
    this.#judgeFlat(isFlat && this.#first === this.#before, !isFlat)
    this.#judgeClipping(isFlat ? 0 : this.#blockClipped)
    this.#before = this.#first
    this.#clearBlock()
  }

  #judgeSilence(isConstant: boolean, isFlat: boolean): void {
    const { silence } = this.#config
    if (!silence) return
    const mean = this.#sum / this.#blockSize
    const power = isConstant ? 0 : Math.max(0, this.#squares / this.#blockSize - mean * mean)
    const level = power === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(power)
    const isLoud = level >= silence.below_dbfs + SILENCE_MARGIN
    const began = this.#silence?.push(!isFlat && level < silence.below_dbfs, isFlat || isLoud)
    if (began === undefined) return
    const measured = power === 0 ? 'every sample is 0' : `now ${level.toFixed(1)} dBFS`
    const text = `nothing above ${silence.below_dbfs} dBFS for ${silence.seconds} s: ${measured}`
    this.#onChange('silence', began ? text : undefined)
  }

  #judgeFlat(bad: boolean, good: boolean): void {
    const began = this.#flat?.push(bad, good)
    if (began === undefined) return
    const text = `every sample is ${this.#first.toPrecision(4)} for ${this.#config.flat_line?.seconds} s`
    this.#onChange('flat_line', began ? text : undefined)
  }

  #judgeClipping(count: number): void {
    const { clipping } = this.#config
    if (!clipping) return
    this.#clippedTotal += count - this.#clipped[this.#clippedAt]
    this.#clipped[this.#clippedAt] = count
    this.#clippedAt = (this.#clippedAt + 1) % this.#clipped.length
    const share = this.#clippedTotal / (this.#clipped.length * this.#blockSize)
    const changes = this.#clipping ? share < clipping.share / 2 : share >= clipping.share
    if (!changes) return
    this.#clipping = !this.#clipping
    const text = `${(share * 100).toFixed(1)} % of the samples of ${clipping.seconds} s are at full scale`
    this.#onChange('clipping', this.#clipping ? text : undefined)
  }

  #clearBlock(): void {
    this.#filled = 0
    this.#sum = 0
    this.#squares = 0
    this.#same = 0
    this.#blockClipped = 0
  }
}

const blocksOf = (seconds: number): number => Math.max(1, Math.round(seconds * BLOCKS))

function describeRate(measured: number, rate: number): string {
  const off = (measured / rate - 1) * 100
  return `${Math.round(measured)} samples arrive a second instead of ${rate} (${off > 0 ? '+' : ''}${off.toFixed(1)} %)`
}
