import type { Fault } from '../train/synth/index.ts'

/** An episode of the daemon, in seconds of the feed. */
export interface Detection {
  /** End of the window at which the episode opened: the first moment at which anybody could know. */
  readonly detectedAt: number
  readonly peakScore: number
  readonly threshold: number
}

export interface Finding {
  readonly fault: Fault
  /** The first episode that opened during the fault; null: it was missed. */
  readonly detection: Detection | null
  /** Seconds from onset to detection; null when missed. */
  readonly delay: number | null
}

export interface Judgement {
  readonly findings: readonly Finding[]
  /** Episodes that belong to no fault. */
  readonly falseAlarms: readonly Detection[]
}

/**
 * Holds episodes against the truth. An episode belongs to the fault during which it opened: not before the onset, and at most
 * `tolerance` after the end (the length of a window, because the last windows that hold some of the fault end after it).
 * Whatever opened at another time is false, also if it went on into a fault, and a fault in which nothing opened is missed. Further
 * episodes of one fault count neither for nor against.
 */
export function judge(faults: readonly Fault[], detections: readonly Detection[], tolerance: number): Judgement {
  const belongs = ({ onset, duration }: Fault, { detectedAt }: Detection) =>
    detectedAt >= onset && detectedAt <= onset + duration + tolerance
  const inOrder = [...detections].sort((a, b) => a.detectedAt - b.detectedAt)
  const findings = faults.map(fault => {
    const detection = inOrder.find(each => belongs(fault, each)) ?? null
    return { fault, detection, delay: detection && detection.detectedAt - fault.onset }
  })
  return { findings, falseAlarms: inOrder.filter(each => !faults.some(fault => belongs(fault, each))) }
}
