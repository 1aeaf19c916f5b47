import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADWIN_DEFAULTS, Adwin } from '../../../src/model/drift/adwin.ts'
import { PageHinkley, type SequentialTest } from '../../../src/model/drift/page-hinkley.ts'

interface Golden {
  options: Record<string, number>
  detections: Record<string, number[]>
  /** ADWIN without resets: index, width, mean and sum of squares at each cut, and at the end. */
  windows: Record<string, [number, number, number, number][]>
}

const golden = JSON.parse(readFileSync(new URL('../../fixtures/drift/golden.json', import.meta.url), 'utf8'))
const sequences = golden.sequences as Record<string, number[]>
const cases = (sets: Golden[]) =>
  sets.flatMap((set, i) => Object.keys(sequences).map(name => [i, name, set] as [number, string, Golden]))

const pageHinkley = ({ options: o }: Golden) =>
  new PageHinkley({ delta: o.delta, threshold: o.threshold, minimum: o.min_instances, alpha: o.alpha })
const adwin = ({ options: o }: Golden) =>
  new Adwin({
    delta: o.delta,
    clock: o.clock,
    buckets: o.max_buckets,
    minimum: o.min_window_length,
    grace: o.grace_period,
  })

/** Indices of detections, reset after each as River does. */
function detections(test: SequentialTest, values: readonly number[]): number[] {
  return values.flatMap((value, i) => {
    if (!test.push(value)) return []
    test.reset()
    return [i]
  })
}

describe.each(cases(golden.page_hinkley))('PageHinkley, options %i, %s', (_, name, set) => {
  it('detects where River does', () => {
    expect(detections(pageHinkley(set), sequences[name])).toEqual(set.detections[name])
  })
})

describe.each(cases(golden.adwin))('Adwin, options %i, %s', (_, name, set) => {
  it('detects where River does', () => {
    expect(detections(adwin(set), sequences[name])).toEqual(set.detections[name])
  })

  it("keeps the same window as River's", () => {
    const test = adwin(set)
    const found = sequences[name].flatMap((value, i) => {
      const cut = test.push(value)
      return cut || i === sequences[name].length - 1 ? [[i, test.width, test.mean, test.variance * test.width]] : []
    })
    expect(found.map(([i, width]) => [i, width])).toEqual(set.windows[name].map(([i, width]) => [i, width]))
    found.forEach(([, , mean, squares], i) => {
      expect(mean).toBeCloseTo(set.windows[name][i][2], 9)
      expect(squares).toBeCloseTo(set.windows[name][i][3], 6)
    })
  })
})

const MADE: Record<string, () => SequentialTest> = {
  PageHinkley: () => new PageHinkley({ delta: 0.1, threshold: 3, minimum: 3, alpha: 0.999 }),
  Adwin: () => new Adwin({ ...ADWIN_DEFAULTS, clock: 1, delta: 0.1 }),
}

describe.each(Object.entries(MADE))('%s', (_, make) => {
  it('tells direction, and the means around the change', () => {
    const step = [...new Array(200).fill(0), ...new Array(100).fill(2)].map((x, i) => x + 0.1 * Math.sin(i * 7))
    for (const [sign, direction] of [
      [1, 'up'],
      [-1, 'down'],
    ] as const) {
      const test = make()
      const changes = step.map(x => test.push(sign * x)).filter(change => change !== undefined)
      expect(changes[0].direction).toBe(direction)
      expect(sign * (changes[0].after - changes[0].before)).toBeGreaterThan(0)
    }
  })

  it('goes on after a restore at any point as if nothing had happened', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true })
    fc.assert(
      fc.property(fc.array(value, { maxLength: 120 }), fc.nat(120), (values, cut) => {
        const [one, two] = [make(), make()]
        for (const x of values.slice(0, cut)) one.push(x)
        two.restore(JSON.parse(JSON.stringify(one.snapshot())))
        for (const x of values.slice(cut)) expect(two.push(x)).toEqual(one.push(x))
        expect(JSON.stringify(two.snapshot())).toBe(JSON.stringify(one.snapshot()))
      }),
    )
  })

  it('is not changed by what is no number', () => {
    const test = make()
    for (let i = 0; i < 20; i++) test.push(i % 3)
    const before = test.snapshot()
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(test.push(x)).toBeUndefined()
    expect(test.snapshot()).toEqual(before)
  })

  it('refuses what is no snapshot of it, and keeps its state', () => {
    const test = make()
    test.push(1)
    const before = test.snapshot() as Record<string, unknown>
    for (const raw of [
      undefined,
      'x',
      {},
      { ...before, version: 2 },
      { ...before, total: null },
      { ...before, more: 1 },
    ]) {
      expect(() => test.restore(raw)).toThrow(expect.objectContaining({ code: 'AUSCULT_STATE' }))
    }
    expect(test.snapshot()).toEqual(before)
  })
})

describe('Adwin', () => {
  it('holds few buckets however long the stream', () => {
    const test = new Adwin()
    for (let i = 0; i < 100_000; i++) test.push(0.5)
    expect(test.width).toBe(100_000)
    expect(test.snapshot().rows.flat().length).toBeLessThan(6 * 17)
  })

  it('refuses rows that no window has', () => {
    const rows = [new Array(9).fill({ total: 0, squares: 0 })]
    expect(() => new Adwin().restore({ version: 1, tick: 9, total: 0, squares: 0, rows })).toThrow(/row/)
  })
})
