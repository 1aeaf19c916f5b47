import { describe, expect, it } from 'vitest'
import { renderSweep } from '../../../src/train/sweep/report.ts'
import { type MemberResult, rank, type SweepResult } from '../../../src/train/sweep/result.ts'
import { describeMember, formatSweep, sweepTable } from '../../../src/train/sweep/text.ts'

const done = (id: string, changes: object = {}): MemberResult => ({
  id,
  values: { 'training.learning_rate': 0.1, architecture: { type: 'dense-ae' } },
  state: 'done',
  bundle: `models/a-sweep/${id}`,
  ended: 'epochs',
  epochs: 4,
  best_epoch: 3,
  train_loss: 0.5,
  validation_loss: 0.6,
  bootstrap: null,
  threshold: 1,
  roc_auc: null,
  partial_roc_auc: null,
  average_precision: null,
  seconds: 61,
  warnings: [],
  ...changes,
})
const values = { 'training.learning_rate': 9, architecture: { type: '<b>' } }
const failed: MemberResult = {
  id: '008',
  values,
  state: 'failed',
  code: null,
  message: 'no <memory>\nat',
  log: 'l.log',
}
const missing: MemberResult = { id: '007', values, state: 'missing' }
const ids = (members: MemberResult[]) => rank(members).members.map(({ id }) => id)

const resultOf = (members: MemberResult[]): SweepResult => ({
  format: 1,
  name: 'pump <1>',
  folder: 'models/a-sweep',
  config: '',
  created: '2026-01-02T03:04:05.678Z',
  best: 'models/a-sweep/001',
  done: 2,
  failed: 1,
  missing: 1,
  seconds: 100,
  ...rank(members),
})

describe('rank', () => {
  it('sorts by validation loss, and puts what failed and what is missing last', () => {
    const members = [missing, failed, done('001', { validation_loss: 0.9 }), done('002', { validation_loss: 0.2 })]
    expect(ids(members)).toEqual(['002', '001', '008', '007'])
    expect(rank(members).sorted_by).toBe('validation_loss')
  })

  it('sorts by ROC-AUC where there are labels, then by loss', () => {
    const members = [
      done('001', { roc_auc: 0.7, validation_loss: 0.1 }),
      done('002', { roc_auc: 0.9, validation_loss: 0.8 }),
      done('003', { roc_auc: 0.9, validation_loss: 0.7 }),
    ]
    expect(ids(members)).toEqual(['003', '002', '001'])
    expect(rank(members).sorted_by).toBe('roc_auc')
  })

  it('sorts by training loss where nothing is held out', () => {
    const members = [
      done('001', { train_loss: 2, validation_loss: null }),
      done('002', { train_loss: 1, validation_loss: null }),
    ]
    expect(ids(members)).toEqual(['002', '001'])
    expect(rank(members).sorted_by).toBe('train_loss')
  })
})

describe('the table', () => {
  const spread = { mean: 0.6123, deviation: 0.0456 }
  const bootstrap = { runs: [], train_loss: spread, validation_loss: spread }
  const result = resultOf([
    missing,
    failed,
    done('001', { roc_auc: 0.75, bootstrap }),
    done('002', { ended: 'diverged' }),
  ])

  it('has a cell of each column in every row', () => {
    const { header, rows } = sweepTable(result)
    expect(rows.map(row => row.length)).toEqual(rows.map(() => header.length))
    expect(rows[0]).toEqual([
      ...[
        '001',
        '0.1',
        '{"type":"dense-ae"}',
        '0.7500',
        '–',
        '0.6 (0.6123 ± 0.046)',
        '0.5 (0.6123 ± 0.046)',
        '4',
        '1:01',
        '',
      ],
    ])
    expect(rows[1].at(-1)).toBe('diverged')
    expect(rows.slice(2).map(row => row.at(-1))).toEqual(['failed: no <memory>', 'missing'])
  })

  it('is printed with what is missing and where the best is', () => {
    const text = formatSweep(result)
    expect(text).toContain('2 trained, 1 failed, 1 missing, sorted by ROC-AUC')
    expect(text).toContain('--resume')
    expect(text).toContain('best       models/a-sweep/001')
    expect(describeMember(failed)).toMatch(/^008 .* · failed: no <memory> \(l\.log\)$/)
  })

  it('is a page that needs nothing else, with what each option does', () => {
    const other = done('003', { values: { ...values, 'training.learning_rate': 0.3 }, roc_auc: 0.5 })
    const html = renderSweep(resultOf([failed, done('001', { roc_auc: 0.75 }), other]))
    expect(html).toContain('<h2>training.learning_rate</h2>')
    expect(html.match(/<i style="left:[\d.]+%" title="00/g)).toHaveLength(4)
    expect(html).toContain('no &#60;memory&#62;')
    expect(html).not.toMatch(/<script|(src|href)=|<b><b>/)
  })
})
