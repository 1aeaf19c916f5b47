import { describe, expect, it } from 'vitest'
import { meanResiduals, residualScores, SpreadFit } from '../../src/model/residual.ts'

describe('meanResiduals', () => {
  it('averages the residual of each feature over the items of a window', () => {
    const features = Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40)
    const reconstruction = Float32Array.of(0, 1, 0, 5, 10, 20, 20, 80)
    expect([...meanResiduals(features, reconstruction, 2, 2)]).toEqual([2, 0, 5, -20])
  })
})

describe('residualScores', () => {
  it('is the mean square of residuals in units of their spread', () => {
    expect([...residualScores(Float32Array.of(2, 3, 0, -6), [1, 3])]).toEqual([2.5, 2])
  })
})

describe('SpreadFit', () => {
  it('is the root mean square, with a tenth of the mean variance added', () => {
    const fit = new SpreadFit(2)
    fit.add(Float32Array.of(1, 0))
    fit.add(Float32Array.of(-3, 0, 1, 0, 1, 0))
    const [first, second] = fit.finish()
    expect(first).toBeCloseTo(Math.sqrt(3 + 0.15), 12)
    expect(second).toBeCloseTo(Math.sqrt(0.15), 12)
  })

  it('is 1 where nothing was wrong anywhere', () => {
    const fit = new SpreadFit(2)
    fit.add(new Float32Array(4))
    expect(fit.finish()).toEqual([1, 1])
  })
})
