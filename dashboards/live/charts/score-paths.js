/** Scores below this cannot be told from it on a logarithmic axis. */
export const FLOOR = 1e-12

/** Vertical place of a score on a uPlot chart with a logarithmic axis, canvas pixels. */
export function placing(u) {
  const { min, max } = u.scales.y
  const low = Math.log(min)
  const scale = u.bbox.height / (Math.log(max) - low)
  const bottom = u.bbox.top + u.bbox.height
  return score => bottom - (Math.log(Math.max(score, FLOOR)) - low) * scale
}

/** Horizontal place of a time, canvas pixels. */
export function timing(u) {
  const { min, max } = u.scales.x
  const scale = u.bbox.width / (max - min)
  const { left } = u.bbox
  return time => left + (time - min) * scale
}

/**
 * The line of the scores: broken where windows are missing, and where several share a pixel drawn from the least to the greatest of them.
 * @param flags of the same indices; with them only the stretches that are flagged, each with the point before and after it
 * @param gap ms between windows from which on the line is broken
 */
export function scorePath(u, i0, i1, { flags, gap }) {
  const [ends, scores] = u.data
  const x = timing(u)
  const y = placing(u)
  const path = new Path2D()
  let before = Number.NEGATIVE_INFINITY
  for (let i = i0; i <= i1; ) {
    if (flags && !flags[i] && !flags[i - 1] && !flags[i + 1]) {
      before = Number.NEGATIVE_INFINITY
      i++
      continue
    }
    const at = x(ends[i])
    const column = Math.floor(at)
    const first = i
    let low = scores[i]
    let high = low
    for (i++; i <= i1 && Math.floor(x(ends[i])) === column && (!flags || flags[i] || flags[i - 1]); i++) {
      if (scores[i] < low) low = scores[i]
      if (scores[i] > high) high = scores[i]
    }
    if (ends[first] - before > gap) path.moveTo(at, y(scores[first]))
    else path.lineTo(at, y(scores[first]))
    if (high > low) {
      path.lineTo(at, y(low))
      path.lineTo(at, y(high))
      path.lineTo(at, y(scores[i - 1]))
    }
    before = ends[i - 1]
  }
  return path
}

/** The threshold as the windows had it, a step at each change, on to the right edge. */
export function thresholdPath(u, i0, i1, thresholds) {
  const [ends] = u.data
  const x = timing(u)
  const y = placing(u)
  const path = new Path2D()
  let last = thresholds[i0]
  path.moveTo(u.bbox.left, y(last))
  for (let i = i0 + 1; i <= i1; i++) {
    if (thresholds[i] === last) continue
    path.lineTo(x(ends[i]), y(last))
    last = thresholds[i]
    path.lineTo(x(ends[i]), y(last))
  }
  path.lineTo(u.bbox.left + u.bbox.width, y(last))
  return path
}

/** Runs of flagged points from index i0 to i1: `[first, last]` each. */
export function stretches(flags, i0, i1) {
  const runs = []
  for (let i = i0; i <= i1; i++) {
    if (!flags[i]) continue
    const first = i
    while (i < i1 && flags[i + 1]) i++
    runs.push([first, i])
  }
  return runs
}
