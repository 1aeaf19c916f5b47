import type { Progress } from '../../src/progress.ts'
import type { Traffic } from '../../src/train/training-state.ts'
import type { Case } from './cases.ts'
import { runOurs, runPeer } from './processes.ts'
import { median, type Timing } from './timing.ts'
import type { TrainTiming } from './work/train.ts'

export interface Rate {
  /** Per second: the median of the rounds' medians, and the best of all. */
  median: number
  best: number
}

export interface Comparison {
  label: string
  rate: Rate
  /** Ours to theirs: the median over rounds, in which both ran one right after the other, and that of the bests. */
  ratio: number
  ratioOfBests: number
  aim: number
  met: boolean
}

export interface Result {
  name: string
  unit: string
  ours: Rate
  peers: Comparison[]
  /** Bytes that a training step moves to another device than the CPU, and back. */
  traffic?: Traffic
}

/** Ours, theirs, ours, theirs, …, each in a process of its own, so that whatever else the machine does meets both alike. */
export async function compare(
  { name, unit, perCall, ours, peers }: Case,
  python: string | null,
  rounds: number,
  progress: Progress,
): Promise<Result> {
  const mine: (Timing & Partial<TrainTiming>)[] = []
  const theirs: Timing[][] = peers.map(() => [])
  for (let round = 0; round < rounds; round++) {
    progress.update({ title: name, done: round, total: rounds })
    mine.push(await runOurs(ours))
    if (python === null) continue
    for (const [i, { task }] of peers.entries()) theirs[i].push(await runPeer<Timing>(python, task))
  }
  const rate = rateOf(mine, perCall)
  const comparisons = peers.map(({ label, aim }, i) => {
    const peer = rateOf(theirs[i], perCall)
    const ratio = median(theirs[i].map((their, round) => their.median / mine[round].median))
    return { label, rate: peer, ratio, ratioOfBests: rate.best / peer.best, aim, met: ratio >= aim }
  })
  const { traffic } = mine[0]
  return { name, unit, ours: rate, peers: python === null ? [] : comparisons, ...(traffic?.toDevice && { traffic }) }
}

export const rateOf = (timings: readonly Timing[], perCall: number): Rate => ({
  median: perCall / median(timings.map(timing => timing.median)),
  best: perCall / Math.min(...timings.map(timing => timing.best)),
})
