import { FRAME, SAMPLE_RATE } from '../frame.ts'

export const FAULT_KINDS = ['bearing-impacts', 'imbalance', 'belt-squeal', 'leak-hiss', 'dropped-sensor'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Seconds from the start of the sound to the first sample that differs. */
  readonly onset: number
  readonly duration: number
  /** 0 (nothing) to 1 (what a maintenance engineer would stop the machine for); amplitudes are proportional to it. */
  readonly severity: number
}

/** How a fault comes and goes. */
export class Envelope {
  private readonly first: number
  private readonly last: number
  private readonly attack: number
  private readonly release: number

  /**
   * @param attack seconds from nothing to full strength
   * @param release seconds from full strength to nothing, the end of which is the fault's end
   */
  constructor(fault: Fault, attack: number, release = 0.05) {
    this.first = Math.round(fault.onset * SAMPLE_RATE)
    this.last = Math.round((fault.onset + fault.duration) * SAMPLE_RATE)
    this.attack = attack * SAMPLE_RATE
    this.release = release * SAMPLE_RATE
  }

  /** Whether any sample of the frame from `start` on is touched. */
  touches(start: number): boolean {
    return start + FRAME > this.first && start < this.last
  }

  /** Strength at a sample, 0 to 1; 0 outside of the fault. */
  at(sample: number): number {
    if (sample < this.first || sample >= this.last) return 0
    const rise = this.attack ? (sample - this.first + 1) / this.attack : 1
    const fall = this.release ? (this.last - sample) / this.release : 1
    return Math.min(1, rise, fall)
  }
}
