import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arrivals, type FoundFile } from '../../../src/ingest/folder/arrivals.ts'

const file = (name: string, size = 10, mtimeMs = 0): FoundFile => ({ name, size, mtimeMs })
const names = (files: readonly FoundFile[]) => files.map(({ name }) => name)

describe('Arrivals', () => {
  it('waits until size and time of change have stayed the same', () => {
    const arrivals = new Arrivals(2000)
    expect(arrivals.update([file('a', 10, 5)], 0)).toEqual([])
    expect(arrivals.update([file('a', 20, 5)], 1500)).toEqual([])
    expect(arrivals.update([file('a', 20, 6)], 3000)).toEqual([])
    expect(arrivals.nextSettles).toBe(5000)
    expect(arrivals.update([file('a', 20, 6)], 4999)).toEqual([])
    expect(names(arrivals.update([file('a', 20, 6)], 5000))).toEqual(['a'])
  })

  it('takes a file at once where nothing is to be waited for', () => {
    expect(names(new Arrivals(0).update([file('a')], 0))).toEqual(['a'])
  })

  it('keeps the order of arrival among complete files', () => {
    const arrivals = new Arrivals(100)
    arrivals.update([file('late', 1, 9), file('early', 1, 3)], 0)
    arrivals.update([file('late', 1, 9), file('early', 1, 3), file('a', 1, 1)], 50)
    expect(names(arrivals.update([file('a', 1, 1), file('late', 2, 9), file('early', 1, 3)], 160))).toEqual([
      'early',
      'a',
    ])
    expect(names(arrivals.update([file('a', 1, 1), file('late', 2, 9), file('early', 1, 3)], 400))).toEqual([
      'early',
      'late',
      'a',
    ])
  })

  it('forgets files that are gone or taken', () => {
    const arrivals = new Arrivals(0)
    arrivals.update([file('a'), file('b')], 0)
    arrivals.take('a')
    expect(arrivals.nextSettles).toBe(0)
    arrivals.update([], 1)
    expect(arrivals.nextSettles).toBeUndefined()
  })

  it('gives no file that still changes, and every other after the time', () => {
    const growth = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(growth, fc.integer({ min: 1, max: 5 }), (steps, settle) => {
        const arrivals = new Arrivals(settle)
        let size = 0
        let still = -1
        steps.forEach((step, now) => {
          size += step
          still = step === 1 || now === 0 ? 0 : still + 1
          expect(arrivals.update([file('a', size)], now).length).toBe(still >= settle ? 1 : 0)
        })
      }),
    )
  })
})
