/**
 * The gamma distribution with location 0: its CDF and the inverse of it.
 * P(a, x) by series for x < a + 1 and by Lentz's continued fraction above (Press et al., Numerical Recipes, §6.2).
 */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]
const EPSILON = 1e-16
const MAX_TERMS = 100_000

/** ln Γ(x) for x > 0 (Lanczos, 1964; g = 7, nine terms). */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  const t = z + 7.5
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (z + i)), 0)
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** Both tails of the regularised incomplete gamma function: P(a, x) and Q(a, x) = 1 − P(a, x), each to full precision. */
export function incompleteGamma(a: number, x: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: 0, upper: 1 }
  const logFactor = a * Math.log(x) - x - logGamma(a)
  if (x < a + 1) {
    const lower = Math.exp(logFactor) * series(a, x)
    return { lower, upper: 1 - lower }
  }
  const upper = Math.exp(logFactor) * continuedFraction(a, x)
  return { lower: 1 - upper, upper }
}

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < MAX_TERMS && term > sum * EPSILON; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

function continuedFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let h = d
  for (let i = 1; i < MAX_TERMS; i++) {
    const an = -i * (i - a)
    b += 2
    d = an * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + an / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    const factor = d * c
    h *= factor
    if (Math.abs(factor - 1) < EPSILON * 4) break
  }
  return h
}

/**
 * The x with P(shape, x / scale) = probability, for 0 < probability < 1.
 * Newton's method on ln x from the Wilson–Hilferty approximation, kept inside a shrinking bracket by bisection.
 */
export function gammaQuantile(probability: number, shape: number, scale: number): number {
  if (!(probability > 0 && probability < 1 && shape > 0 && scale > 0)) return Number.NaN
  let low = -745
  let high = Math.log(shape + 50 * Math.sqrt(shape) + 800)
  let y = Math.min(high, Math.max(low, firstGuess(probability, shape)))
  for (let step = 0; step < 200; step++) {
    const x = Math.exp(y)
    const { lower, upper } = incompleteGamma(shape, x)
    const excess = probability < 0.5 ? lower - probability : 1 - probability - upper
    if (excess > 0) high = y
    else low = y
    const slope = Math.exp(shape * y - x - logGamma(shape))
    const newton = y - excess / slope
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - y) <= 1e-15 * Math.max(1, Math.abs(y))) return Math.exp(next) * scale
    y = next
  }
  return Math.exp(y) * scale
}

/** ln of the Wilson–Hilferty quantile; for small shapes ln of the root of the leading term of the series. */
function firstGuess(probability: number, shape: number): number {
  const z = normalQuantile(probability)
  const cube = 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))
  if (shape > 0.5 && cube > 0.05) return Math.log(shape) + 3 * Math.log(cube)
  return (Math.log(probability) + logGamma(shape + 1)) / shape
}

/** Abramowitz and Stegun 26.2.23: |error| < 4.5e-4, enough for a first guess. */
function normalQuantile(probability: number): number {
  const tail = Math.min(probability, 1 - probability)
  const t = Math.sqrt(-2 * Math.log(tail))
  const z = t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  return probability < 0.5 ? -z : z
}
