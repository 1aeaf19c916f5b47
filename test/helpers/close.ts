import { expect } from 'vitest'

/** As many numbers, each within `tolerance` of its fellow, or that share of it where it is larger than 1. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference)
  }
  expect(worst).toBeLessThanOrEqual(tolerance)
}
