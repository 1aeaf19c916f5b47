/** A generalised Pareto distribution with location 0: P(Y > y) = (1 + shape·y / scale)^(−1/shape). */
export interface Gpd {
  /** γ (or ξ); 0 is the exponential distribution, below 0 there is a largest value. */
  readonly shape: number
  readonly scale: number
}

/** Points of each side at which a change of sign is looked for. */
const GRID = 12
/** Relative distance from the ends of the search. */
const MARGIN = 1e-8
/** Smallest and largest x·mean(y) that is tried: beyond, the fit is exponential, or its shape is above 4 or so. */
const [LEAST, MOST] = [1e-6, 1e4]

/**
 * Maximum-likelihood fit by Grimshaw's reduction to one variable (Technometrics 35, 1993), as in Siffer et al. (KDD 2017): with
 * x = shape / scale, stationary points are the roots of u(x)·v(x) = 1, u = mean 1/(1 + x·y), v = 1 + mean ln(1 + x·y); of these, and
 * of the exponential fit, the one with the largest likelihood is taken.
 * @param excesses `[n]`, n ≥ 1, above 0
 */
export function fitGpd(excesses: ArrayLike<number>): Gpd {
  const n = excesses.length
  let [mean, least, most] = [0, Number.POSITIVE_INFINITY, 0]
  for (let i = 0; i < n; i++) {
    mean += excesses[i] / n
    least = Math.min(least, excesses[i])
    most = Math.max(most, excesses[i])
  }
  let best: Gpd = { shape: 0, scale: mean }
  let highest = -Math.log(mean) - 1
  // Equal excesses have no maximum but at the end of the range.
  if (most - least <= MARGIN * most) return best
  const upper = Math.min(MOST / mean, (2 * (mean - least)) / least ** 2)
  for (const x of [...roots(excesses, negative(most)), ...roots(excesses, positive(LEAST / mean, upper))]) {
    const shape = meanLog(excesses, x)
    const scale = shape / x
    // Below −1 the likelihood has no bound; its roots there are minima.
    if (shape <= -1 || !(scale > 0)) continue
    const likelihood = -Math.log(scale) - shape - 1
    if (likelihood > highest) {
      highest = likelihood
      best = { shape, scale }
    }
  }
  return best
}

/** From near −1/largest, where the density ends at the largest excess, to near 0. */
function negative(most: number): number[] {
  return Array.from({ length: GRID }, (_, i) => -(1 - MARGIN ** (1 - i / (GRID - 1)) * (1 - LEAST)) / most).filter(
    x => x < 0,
  )
}

function positive(low: number, high: number): number[] {
  if (!(high > low)) return []
  return Array.from({ length: GRID }, (_, i) => low * (high / low) ** (i / (GRID - 1)))
}

function roots(excesses: ArrayLike<number>, grid: readonly number[]): number[] {
  const found: number[] = []
  let before = Number.NaN
  for (const [i, x] of grid.entries()) {
    const value = slope(excesses, x)
    if (value * before < 0) found.push(bisect(excesses, grid[i - 1], x, before))
    before = value
  }
  return found
}

/** Illinois variant of regula falsi. */
function bisect(excesses: ArrayLike<number>, from: number, to: number, atFrom: number): number {
  let [a, b, fa, fb] = [from, to, atFrom, slope(excesses, to)]
  for (let step = 0; step < 60; step++) {
    const x = (a * fb - b * fa) / (fb - fa)
    const value = slope(excesses, x)
    if (value === 0 || Math.abs(b - a) <= 1e-12 * Math.abs(x)) return x
    if (value * fb < 0) {
      a = b
      fa = fb
    } else fa /= 2
    if (Math.abs(x - b) <= 1e-13 * Math.abs(x)) return x
    b = x
    fb = value
  }
  return b
}

/** u(x)·v(x) − 1. */
function slope(excesses: ArrayLike<number>, x: number): number {
  let inverse = 0
  let log = 0
  for (let i = 0; i < excesses.length; i++) {
    const t = x * excesses[i]
    inverse += 1 / (1 + t)
    log += Math.log1p(t)
  }
  return (inverse / excesses.length) * (1 + log / excesses.length) - 1
}

function meanLog(excesses: ArrayLike<number>, x: number): number {
  let sum = 0
  for (let i = 0; i < excesses.length; i++) sum += Math.log1p(x * excesses[i])
  return sum / excesses.length
}

/** The y that is exceeded with a probability, as a multiple of the probability that 0 is. */
export function gpdExcess({ shape, scale }: Gpd, ratio: number): number {
  if (Math.abs(shape) < 1e-8) return -scale * Math.log(ratio)
  return (scale / shape) * Math.expm1(-shape * Math.log(ratio))
}
