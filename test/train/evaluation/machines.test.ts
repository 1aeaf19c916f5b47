import { describe, expect, it } from 'vitest'
import { evaluateMachines, machinePattern } from '../../../src/train/evaluation/machines.ts'
import { harmonicMean } from '../../../src/train/harmonic-mean.ts'
import { partialRocAuc, rocAuc } from '../../../src/train/metrics.ts'

const settings = { maxFpr: 0.1, seed: 0 }
const item = (machine: string | null, truth: 1 | -1 | null, score: number) => ({
  machine,
  truth,
  score,
  file: `${score}`,
})

describe('evaluateMachines', () => {
  it('ranks within each machine, whatever its level', () => {
    // Machine 2 is ten times as loud; 10 is on one side of its only normal item, 3 between those of machine 10.
    const items = [
      ...[item('2', 1, 20), item('2', 1, 11), item('2', -1, 30), item('2', -1, 40)],
      ...[item('10', 1, 1), item('10', 1, 4), item('10', -1, 3), item('10', -1, 5)],
      ...[item('only normal', 1, 6), item(null, -1, 7), item('10', null, 8)],
    ]
    const found = evaluateMachines(items, 4.5, settings)!
    expect(found.machines.map(own => [own.machine, own.normal, own.anomalous, own.roc_auc])).toEqual([
      ['2', 2, 2, 1],
      ['10', 2, 2, 0.75],
      ['only normal', 1, 0, null],
    ])
    const [truth, scores] = [
      [false, false, true, true],
      [1, 4, 3, 5],
    ]
    const [area, part] = [
      rocAuc(truth as boolean[], scores as number[]),
      partialRocAuc(truth as boolean[], scores as number[]),
    ]
    expect(found.mean_roc_auc).toBeCloseTo((1 + area) / 2, 12)
    expect(found.harmonic_mean).toBeCloseTo(harmonicMean([1, area, 1, part]), 12)
    expect(found).toMatchObject({ worst: '10', without: 1 })
    expect(found.machines[0].intervals!.roc_auc).toEqual({ low: 1, high: 1 })
    expect(found.machines[2].intervals).toBeNull()
  })

  it('is nothing where no machine is known, and has no means where none has both labels', () => {
    expect(evaluateMachines([item(null, 1, 1), item(null, -1, 2)], 1, settings)).toBeNull()
    expect(evaluateMachines([item('a', 1, 1)], 1, settings)).toMatchObject({ worst: null, harmonic_mean: null })
  })
})

describe('machinePattern', () => {
  it('takes the first group, or all that matches', () => {
    expect(machinePattern('id_\\d+')('/data/normal_id_01_0003.wav')).toBe('id_01')
    expect(machinePattern('id_(\\d+)')('/data/normal_id_01_0003.wav')).toBe('01')
    expect(machinePattern('id_\\d+')('/data/other.wav')).toBeNull()
  })

  it('refuses what is no regular expression', () => {
    expect(() => machinePattern('id_(')).toThrow(expect.objectContaining({ code: 'AUSCULT_USAGE', at: '--machine' }))
  })
})
