import type { Range } from './axis.ts'

/** A part counts when it holds so many times the share that it would if all had the same. */
const DENSITY = 1.5
/** A range counts when it holds so much more than its fair share. */
const EXCESS = 0.1
/** Part of a range that may be cut off at its ends to make it shorter. */
const SKIRT = 0.1
/** Parts are cut off that hold less than this part of the range's average. */
const FAINT = 0.5

export interface SharedRange extends Range {
  /** Part of the whole, 0 to 1. */
  readonly share: number
}

/**
 * Where along an axis a quantity is concentrated: runs of neighbours that hold well above the average, each without its faint ends.
 * Noise does not count: a range must hold 10 percent points more than its fair share.
 * @param profile `[n]`, not negative @returns largest share first; empty when the quantity is spread evenly, or is 0
 */
export function concentratedRanges(profile: Float64Array): SharedRange[] {
  const total = sumOf(profile, { from: 0, to: profile.length })
  if (!(total > 0)) return []
  const enough = (DENSITY * total) / profile.length
  return runsAbove(profile, enough)
    .map(run => trimmed(profile, run))
    .map(range => ({ ...range, share: sumOf(profile, range) / total }))
    .filter(({ from, to, share }) => share - (to - from) / profile.length >= EXCESS)
    .sort((a, b) => b.share - a.share)
}

/** A single part below the level does not divide a run. */
function runsAbove(profile: Float64Array, level: number): Range[] {
  const runs: { from: number; to: number }[] = []
  profile.forEach((value, i) => {
    const last = runs.at(-1)
    if (value < level) return
    if (last && i - last.to <= 1) last.to = i + 1
    else runs.push({ from: i, to: i + 1 })
  })
  return runs
}

/** The range without the faint parts at its ends, the smaller first, that together hold at most a tenth of it. */
export function trimmed(profile: Float64Array, { from, to }: Range): Range {
  const total = sumOf(profile, { from, to })
  const faint = (FAINT * total) / (to - from)
  let spare = SKIRT * total
  while (to - from > 1) {
    const smaller = Math.min(profile[from], profile[to - 1])
    if (smaller > spare || smaller > faint) break
    spare -= smaller
    if (profile[from] === smaller) from++
    else to--
  }
  return { from, to }
}

export function sumOf(profile: Float64Array, { from, to }: Range): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += profile[i]
  return sum
}

/** Sums of `size` neighbours each, the last of what is left. */
export function pooled(profile: Float64Array, size: number): Float64Array {
  const sums = new Float64Array(Math.ceil(profile.length / size))
  profile.forEach((value, i) => {
    sums[Math.floor(i / size)] += value
  })
  return sums
}
