import { describe, expect, it } from 'vitest'
import { precisionRows } from '../../../src/train/evaluation/precision-rows.ts'
import type { PrecisionCost } from '../../../src/train/evaluation/precisions.ts'
import { precisionLines } from '../../../src/train/evaluation/text.ts'

const exact: PrecisionCost = {
  precision: 'fp32',
  unavailable: null,
  device: 'cpu',
  accepted: true,
  roc_auc: 0.9673,
  partial_roc_auc: null,
  average_precision: null,
  median_difference: 0,
  largest_difference: 0,
  judged_otherwise: 0,
  model_bytes: 1_066_737,
  speed: [
    { batch: 1, items_per_second: 12165.4 },
    { batch: 512, items_per_second: 172168 },
  ],
}
const int8: PrecisionCost = {
  ...exact,
  precision: 'int8',
  accepted: false,
  roc_auc: null,
  largest_difference: 0.0204,
  judged_otherwise: 3,
  model_bytes: 282_975,
  speed: exact.speed!.map(({ batch, items_per_second }) => ({ batch, items_per_second: 2 * items_per_second })),
}
const fp16: PrecisionCost = {
  ...exact,
  precision: 'fp16',
  unavailable: 'fp16 ends at 65504',
  device: null,
  speed: null,
}

describe('precisionRows', () => {
  it('says what each costs and gains beside fp32', () => {
    expect(precisionRows([exact, fp16, int8])).toEqual([
      ['fp32', 'cpu', '1.1 MB', '0.9673', '–', '–', '12,165', '172,168', 'takes it'],
      ['fp16', '–', '–', '–', '–', '–', '–', '–', 'fp16 ends at 65504'],
      [
        'int8',
        'cpu',
        '283 kB',
        '–',
        '2 %',
        '3',
        '24,331 (×2.0)',
        '344,336 (×2.0)',
        'refuses it: golden windows differ',
      ],
    ])
  })

  it('are columns on a terminal', () => {
    const lines = precisionLines([exact, int8])
    expect(lines).toHaveLength(3)
    const at = lines[0].indexOf('items/s, batch 512')
    expect(lines.slice(1).map(line => line.slice(at).split(' ')[0])).toEqual(['172,168', '344,336'])
  })
})
