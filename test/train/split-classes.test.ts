import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitClasses } from '../../src/train/split-classes.ts'

const recordingsOf = (classes: readonly number[]) => classes.map((_, i) => ({ path: `r${i}`, windows: 1 + (i % 4) }))
const options = { validation: 0.1, calibration: 0.2, seed: 0 }
const classesOf = fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 2, maxLength: 6 }).chain(counts => {
  const classes = counts.flatMap((n, index) => Array<number>(n).fill(index))
  return fc.shuffledSubarray(classes, { minLength: classes.length })
})
const shares = fc.record({
  validation: fc.constantFrom(0, 0.1, 0.3, 0.5),
  calibration: fc.constantFrom(0.05, 0.2, 0.5),
  seed: fc.nat(),
})

describe('splitClasses', () => {
  it('takes every recording whole and once, and every class into every part that it is large enough for', () => {
    fc.assert(
      fc.property(classesOf, shares, (classes, own) => {
        const recordings = recordingsOf(classes)
        const split = splitClasses(recordings, classes, own)
        const parts = [split.train, split.validation, split.calibration]
        const all = parts.flat().sort((a, b) => Number(a.path.slice(1)) - Number(b.path.slice(1)))
        expect(all).toEqual(recordings.map(({ path, windows }) => ({ path, from: 0, to: windows })))
        for (const index of new Set(classes)) {
          const n = classes.filter(other => other === index).length
          const [training, validating, calibrating] = parts.map(
            part => part.filter(({ path }) => classes[Number(path.slice(1))] === index).length,
          )
          expect(training).toBeGreaterThan(0)
          expect(calibrating).toBeGreaterThan(0)
          expect(validating > 0).toBe(own.validation > 0 && n >= 3)
        }
        expect(splitClasses(recordings, classes, own)).toEqual(split)
      }),
    )
  })

  it('holds the same share of each class out, others with another seed', () => {
    const classes = Array.from({ length: 80 }, (_, i) => (i < 20 ? 0 : 1))
    const split = splitClasses(recordingsOf(classes), classes, options)
    const counts = (part: readonly { path: string }[]) =>
      [0, 1].map(index => part.filter(({ path }) => classes[Number(path.slice(1))] === index).length)
    expect([split.train, split.validation, split.calibration].map(counts)).toEqual([
      [14, 42],
      [2, 6],
      [4, 12],
    ])
    expect(splitClasses(recordingsOf(classes), classes, { ...options, seed: 1 })).not.toEqual(split)
  })
})
