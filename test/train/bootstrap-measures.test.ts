import { describe, expect, it } from 'vitest'
import { bootstrapMeasures } from '../../src/train/bootstrap-measures.ts'
import { golden, MEASURES } from './golden-ranking.ts'

describe('bootstrapMeasures', () => {
  it.each(golden.bootstraps)('agrees with numpy, also where recordings have several items', expected => {
    const { anomalous, scores, other, max_fpr } = expected
    const units = expected.units.map(String)
    const sets = [scores, other].map(own => ({ anomalous, scores: own, units }))
    const { intervals, differences } = bootstrapMeasures(sets, { maxFpr: max_fpr, seed: 0, replicates: 4000 })
    for (const [k, found] of [...intervals, differences[1]].entries()) {
      for (const [m, name] of MEASURES.entries()) {
        expect(Math.abs(found[name].low - expected.low[k][m]), `${k} ${name} low`).toBeLessThan(0.015)
        expect(Math.abs(found[name].high - expected.high[k][m]), `${k} ${name} high`).toBeLessThan(0.015)
      }
    }
    for (const name of MEASURES) expect(differences[0][name]).toEqual({ low: 0, high: 0 })
  })

  it('gives the same with the same seed, and another with another', () => {
    const { anomalous, scores, units } = golden.bootstraps[0]
    const draw = (seed: number) =>
      bootstrapMeasures([{ anomalous, scores, units: units.map(String) }], { maxFpr: 0.1, seed, replicates: 100 })
    expect(draw(3)).toEqual(draw(3))
    expect(draw(4).intervals).not.toEqual(draw(3).intervals)
  })
})
