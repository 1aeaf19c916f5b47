import { seeded } from '../../random.ts'
import { FAULT_KINDS, type Fault } from './faults/fault.ts'

export interface Schedule {
  readonly faults: readonly Fault[]
  /** Length of the whole, in seconds. */
  readonly seconds: number
  /** Seconds of it without a fault. */
  readonly normalSeconds: number
}

/** Shortest normal stretch, seconds. */
const SHORTEST = 15

/**
 * One fault of each kind, in seeded order, at seeded times, among `minutes` of normal sound: 8 to 14 s each, with severities
 * of 0.6 to 1. Normal stretches of at least 15 s (less if `minutes` is short) lie before, between and after them.
 */
export function schedule(seed: number, minutes: number): Schedule {
  const random = seeded(seed, 0x73636864)
  const kinds = random.shuffle([...FAULT_KINDS])
  const normalSeconds = minutes * 60
  const stretches = kinds.length + 1
  const shortest = Math.min(SHORTEST, normalSeconds / stretches / 2)
  // Cutting what is left at uniform places gives stretches that are spread as widely as their sum allows.
  const spare = normalSeconds - shortest * stretches
  const cuts = kinds.map(() => spare * random.uniform()).sort((a, b) => a - b)
  let faultSeconds = 0
  const faults = kinds.map((kind, i): Fault => {
    const onset = cuts[i] + shortest * (i + 1) + faultSeconds
    const duration = 8 + 6 * random.uniform()
    faultSeconds += duration
    return { kind, onset, duration, severity: 0.6 + 0.4 * random.uniform() }
  })
  return { faults, seconds: normalSeconds + faultSeconds, normalSeconds }
}
