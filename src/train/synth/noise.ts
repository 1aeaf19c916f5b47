import type { Random } from '../../random.ts'
import type { Biquad } from './biquad.ts'
import { FRAME, FRAME_SECONDS, type Frame, SAMPLE_RATE, type Voice } from './frame.ts'
import { Wander } from './wander.ts'

const UNIT_VARIANCE = Math.sqrt(12)

/** White noise of unit variance. Uniform, which a filter turns normal soon enough, at a fraction of the cost. */
export const white = (random: Random): number => (random.uniform() - 0.5) * UNIT_VARIANCE

export interface BandNoise {
  /** Root mean square at half load, full scale 1. */
  rms: number
  /** Filters in series that shape white noise. */
  filters: readonly Biquad[]
  /** Decibels more at full load than idling. */
  loadDb?: number
  /** Depth (0 to 1) and rate of the loudness that repeats with each turn: a belt's seam, a bearing's load zone. */
  modulation?: { depth: number; perTurn: number }
  /** Deviation in dB of slow random changes of loudness. */
  unrest?: number
}

/** Broadband noise of friction and turbulence: white noise, shaped, whose loudness follows load and shaft. */
export class BandNoiseVoice implements Voice {
  private readonly random: Random
  private readonly options: BandNoise
  private readonly scale: number
  private readonly unrest: Wander
  private readonly block = new Float32Array(FRAME)

  constructor(random: Random, options: BandNoise) {
    this.random = random
    this.options = options
    this.scale = options.rms / shapedRms(options.filters)
    this.unrest = new Wander(random, 1.5, options.unrest ?? 0.4, FRAME_SECONDS)
  }

  add(frame: Frame, out: Float32Array): void {
    const { filters, loadDb = 0, modulation } = this.options
    const gain = this.scale * 10 ** ((loadDb * (frame.load - 0.5) + this.unrest.step()) / 20)
    const { block } = this
    for (let i = 0; i < FRAME; i++) block[i] = gain * white(this.random)
    for (const filter of filters) filter.processAll(block)
    if (modulation) {
      // Slow enough beside a frame to go in a straight line.
      const from = modulation.depth * Math.sin(modulation.perTurn * frame.angle[0])
      const step = (modulation.depth * Math.sin(modulation.perTurn * frame.angle[FRAME - 1]) - from) / FRAME
      for (let i = 0; i < FRAME; i++) block[i] *= 1 + from + i * step
    }
    for (let i = 0; i < FRAME; i++) out[i] += block[i]
  }
}

/** Root mean square of unit white noise after filters, from their impulse response. The filters come back to rest. */
export function shapedRms(filters: readonly Biquad[]): number {
  let energy = 0
  for (let i = 0; i < SAMPLE_RATE / 2; i++) {
    let x = i === 0 ? 1 : 0
    for (const filter of filters) x = filter.process(x)
    energy += x * x
  }
  return Math.sqrt(energy)
}
