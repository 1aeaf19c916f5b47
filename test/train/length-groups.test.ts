import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../src/random.ts'
import { cutLength, LengthGroups } from '../../src/train/length-groups.ts'

const BINS = 2

/** Item i holds i + 1 in all of its real frames and 0 behind them. */
const itemOf = (i: number, real: number, frames: number) => new Float32Array(frames * BINS).fill(i + 1, 0, real * BINS)

interface Taken {
  n: number
  frames: number
  items: number[][]
  labels?: number[]
}

function run(
  reals: readonly number[],
  frames: number,
  size: number,
  options: { seed?: number; dropRemainder?: boolean },
) {
  const groups = new LengthGroups(size, { frames, bins: BINS, labelled: true })
  const batches: Taken[] = []
  const take = ({ items, n, labels, frames: length = 0 }: NonNullable<ReturnType<LengthGroups['add']>>) => {
    expect(items).toHaveLength(n * length * BINS)
    const rows = Array.from({ length: n }, (_, i) => [...items.subarray(i * length * BINS, (i + 1) * length * BINS)])
    batches.push({ n, frames: length, items: rows, labels: labels && [...labels] })
  }
  for (const [i, real] of reals.entries()) {
    const batch = groups.add(itemOf(i, real, frames), real, i % 7)
    if (batch) take(batch)
  }
  const random = options.seed === undefined ? undefined : seeded(options.seed)
  for (const batch of groups.rest({ random, dropRemainder: options.dropRemainder })) take(batch)
  return batches
}

const cases = fc.integer({ min: 1, max: 30 }).chain(frames =>
  fc.record({
    frames: fc.constant(frames),
    reals: fc.array(fc.integer({ min: 1, max: frames }), { maxLength: 60 }),
    size: fc.integer({ min: 1, max: 9 }),
    seed: fc.option(fc.nat(), { nil: undefined }),
  }),
)

describe('LengthGroups', () => {
  it('gives every item once with its label, and cuts nothing but padding', () => {
    fc.assert(
      fc.property(cases, ({ frames, reals, size, seed }) => {
        const batches = run(reals, frames, size, { seed })
        const seen: number[] = []
        for (const { n, frames: length, items, labels } of batches) {
          expect(labels).toHaveLength(n)
          for (const [at, row] of items.entries()) {
            const i = row[0] - 1
            seen.push(i)
            expect(labels![at]).toBe(i % 7)
            expect(row).toEqual([...itemOf(i, reals[i], length)])
          }
          expect(length).toBe(cutLength(Math.max(...items.map(([value]) => reals[value - 1])), frames))
        }
        expect(seen.sort((a, b) => a - b)).toEqual(reals.map((_, i) => i))
        expect(run(reals, frames, size, { seed })).toEqual(batches)
      }),
    )
  })

  it('gives as many batches as there would be of one length, all full but the last, which may be left out', () => {
    fc.assert(
      fc.property(cases, ({ frames, reals, size, seed }) => {
        const counts = run(reals, frames, size, { seed }).map(({ n }) => n)
        const full = Math.floor(reals.length / size)
        const last = reals.length % size
        expect(counts).toEqual([...Array(full).fill(size), ...(last ? [last] : [])])
        expect(run(reals, frames, size, { seed, dropRemainder: true })).toHaveLength(full)
      }),
    )
  })

  it('batches short items together as they come, and long ones', () => {
    const batches = run([3, 20, 4, 18, 5, 1, 19, 9], 20, 2, {})
    expect(batches.map(({ frames, items }) => [frames, ...items.map(([value]) => value)])).toEqual([
      [5, 1, 3],
      [20, 2, 4],
      [5, 5, 6],
      [20, 8, 7],
    ])
  })
})

describe('cutLength', () => {
  it('is one of four, evenly spaced, and never less than the frames', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), frames => {
        const lengths = Array.from({ length: frames }, (_, i) => cutLength(i + 1, frames))
        expect(lengths.every((length, i) => length > i && length <= frames)).toBe(true)
        expect(new Set(lengths).size).toBeLessThanOrEqual(4)
      }),
    )
    expect([1, 8, 9, 16, 17, 32].map(real => cutLength(real, 32))).toEqual([8, 8, 16, 16, 24, 32])
  })
})
