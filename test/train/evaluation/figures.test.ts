import { describe, expect, it } from 'vitest'
import { decisionsByClass } from '../../../src/train/evaluation/classes.ts'
import { differencesOf } from '../../../src/train/evaluation/compare.ts'
import type { Scored } from '../../../src/train/evaluation/evaluation.ts'
import { figuresOf } from '../../../src/train/evaluation/figures.ts'
import { chooseItems } from '../../../src/train/evaluation/gallery.ts'

const UNKNOWN = { predicted: null, probability: null }
const scored = (file: string, score: number, truth: 1 | -1 | null, word: string | null = null): Scored => {
  return {
    file,
    at: null,
    score,
    label: score > 5 ? -1 : 1,
    truth,
    class: word,
    machine: null,
    cluster: null,
    ...UNKNOWN,
  }
}
const items = [
  scored('a', 1, 1, 'idle'),
  scored('b', 6, 1, 'idle'),
  scored('c', 4, -1, 'belt'),
  scored('d', 7, -1, 'belt'),
  scored('e', 9, -1, 'bearing'),
  scored('f', 2, null, 'week 7'),
]
const settings = { maxFpr: 0.5, seed: 1 }

describe('figuresOf', () => {
  it('measures, classifies and counts', () => {
    const found = figuresOf(items, 5, settings)
    expect(found.classification!.confusion.counts).toEqual([
      [1, 1],
      [1, 2],
    ])
    expect(found.curve!.threshold).toEqual([null, 9, 7, 6, 4, 1])
    expect(found.intervals!.roc_auc.low).toBeLessThanOrEqual(found.roc_auc!)
    expect(found.intervals!.roc_auc.high).toBeGreaterThanOrEqual(found.roc_auc!)
    expect(found.machines).toBeNull()
    expect(JSON.parse(JSON.stringify(found))).toEqual(found)
  })

  it('has no ranking without both labels', () => {
    const found = figuresOf(items.slice(0, 2), 5, settings)
    expect(found).toMatchObject({ roc_auc: null, intervals: null, curve: null, classification: { accuracy: 0.5 } })
    expect(figuresOf([items[5]], 5, settings)).toMatchObject({ classification: null, confusion: null })
  })
})

describe('decisionsByClass', () => {
  it('ranks each anomalous class above the normal items', () => {
    expect(decisionsByClass(items)).toEqual([
      { class: 'bearing', items: 1, flagged: 1, mean_score: 9, roc_auc: 1 },
      { class: 'belt', items: 2, flagged: 1, mean_score: 5.5, roc_auc: 0.75 },
      { class: 'idle', items: 2, flagged: 1, mean_score: 3.5, roc_auc: null },
      { class: 'week 7', items: 1, flagged: 0, mean_score: 2, roc_auc: null },
    ])
  })
})

describe('differencesOf', () => {
  const worse = items.map(item => ({ ...item, score: item.truth === 1 ? item.score + 100 : item.score }))

  it('pairs bundles of the same recordings, however these are cut into windows', () => {
    const twice = [...worse, ...worse].reverse()
    const [one, other] = differencesOf(items, [worse, twice], settings)
    expect(one!.roc_auc.high).toBeLessThan(0)
    expect(other!.roc_auc).toEqual(one!.roc_auc)
    expect(differencesOf(items, [items], settings)[0]!.roc_auc).toEqual({ low: 0, high: 0 })
  })

  it('is nothing for a bundle that leaves recordings out, or without both labels', () => {
    expect(differencesOf(items, [worse.slice(1), worse], settings)).toEqual([null, expect.anything()])
    expect(differencesOf(items.slice(0, 2), [worse.slice(0, 2)], settings)).toEqual([null])
  })
})

describe('chooseItems', () => {
  it('takes the highest, the middle and the lowest of each class, each once', () => {
    const values = [3, 1, 2, 5, 4]
    const many = [...values.map(score => ({ score, class: 'a' })), { score: 7, class: null }]
    expect(chooseItems(many)).toEqual([
      { name: 'a', chosen: [3, 0, 1] },
      { name: 'no class', chosen: [5] },
    ])
  })
})
