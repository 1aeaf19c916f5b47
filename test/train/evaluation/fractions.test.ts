import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../../src/random.ts'
import { evaluateFractions, type FractionItem } from '../../../src/train/evaluation/fractions.ts'

const random = seeded(8)
const items = (count: number, folder: string, known: Partial<FractionItem>, anomalous = 0): FractionItem[] =>
  Array.from({ length: count }, (_, i) => ({
    file: join('/data', folder, `${i}.wav`),
    score: random.normal() + (i < anomalous * count ? 8 : 0),
    truth: null,
    class: null,
    ...known,
  }))
const normal = items(100, 'normal', { truth: 1, class: 'normal' })
const anomalous = items(10, 'broken', { truth: -1, class: 'anomalous' }, 1)
const settings = { maxFpr: 0.1, seed: 0 }

describe('evaluateFractions', () => {
  it('takes all items without a label together', () => {
    const asked = items(100, 'a', {}, 0.3)
    const [only, ...others] = evaluateFractions([...normal, ...anomalous, ...asked], { by: 'all', ...settings })
    expect(others).toEqual([])
    expect(only).toMatchObject({ group: null, normal: 100, unlabelled: 100, fpr: 0.1 })
    expect(Math.abs(only.estimate - 0.3)).toBeLessThan(0.06)
    expect(only.low < 0.3 && 0.3 < only.high).toBe(true)
  })

  it('takes each class in order, those without one last', () => {
    const asked = [
      ...items(50, 'x', {}, 0.9),
      ...items(50, 'x', { class: 'week 10' }, 0.5),
      ...items(50, 'x', { class: 'week 9' }, 0.2),
    ]
    const found = evaluateFractions([...normal, ...asked], { by: 'class', ...settings })
    expect(found.map(({ group }) => group)).toEqual(['week 9', 'week 10', null])
    expect(found.map(({ unlabelled }) => unlabelled)).toEqual([50, 50, 50])
    expect(found[0].estimate < found[1].estimate && found[1].estimate < found[2].estimate).toBe(true)
  })

  it('names folders by what tells them apart', () => {
    const groups = (...folders: string[]) =>
      evaluateFractions([...normal, ...folders.flatMap(folder => items(20, folder, {}))], {
        by: 'folder',
        ...settings,
      }).map(({ group }) => group)
    expect(groups('june/day', 'june/night', 'july')).toEqual(['july', 'june/day', 'june/night'])
    expect(groups('june/night')).toEqual(['night'])
    expect(groups('june', 'june/night')).toEqual(['.', 'night'])
  })

  it('takes an explicit threshold where it holds the false positive rate', () => {
    const all = [...normal, ...items(100, 'a', {}, 0.3)]
    const [{ threshold, fpr }] = evaluateFractions(all, { by: 'all', ...settings, threshold: 4 })
    expect([threshold, fpr]).toEqual([4, 0])
    expect(evaluateFractions(all, { by: 'all', ...settings, threshold: -9 })[0].fpr).toBe(0.1)
  })

  it.each<[string, FractionItem[], 'all' | 'class', RegExp]>([
    ['no unlabelled items', normal, 'all', /^0 unlabelled items are too few/],
    ['no unlabelled items by class', normal, 'class', /^0 unlabelled items are too few/],
    [
      'fewer than 30 normal ones',
      [...normal.slice(0, 29), ...items(9, 'a', {})],
      'all',
      /^29 normal items are too few/,
    ],
    ['anomalous ones only', [...anomalous, ...items(9, 'a', {})], 'all', /^0 normal items are too few/],
    ['no class to go by', [...normal, ...items(9, 'a', {})], 'class', /^no unlabelled recording has a class$/],
  ])('refuses %s and says what to do', (_, all, by, message) => {
    expect(() => evaluateFractions(all, { by, ...settings })).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_LABELS',
        message: expect.stringMatching(message),
        remedy: expect.any(String),
      }),
    )
  })
})
