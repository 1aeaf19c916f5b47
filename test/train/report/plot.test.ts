import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatNumber, linearScale, logScale } from '../../../src/train/report/axis.ts'
import { histogram, lineChart, waveform } from '../../../src/train/report/plot.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
/** No NaN, no infinity, and every tag closed. */
const expectSound = (svg: string) => {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  const open = svg.match(/<(svg|p|span|text)\b/g)?.length
  expect(svg.match(/<\/(svg|p|span|text)>/g)?.length).toBe(open)
}

describe('scales', () => {
  it('have a few ticks inside their range, ascending', () => {
    fc.assert(
      fc.property(finite, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
        const { ticks } = linearScale(low, low + span, 0, 100)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(7)
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - span * 1e-6)
          expect(tick).toBeLessThanOrEqual(low + span * (1 + 1e-6))
        }
      }),
    )
  })

  it('are linear and logarithmic', () => {
    const linear = linearScale(0, 10, 100, 0)
    expect([linear(0), linear(5), linear(10)]).toEqual([100, 50, 0])
    const log = logScale(0.001, 10, 0, 4)
    expect([0.001, 0.01, 10].map(x => Math.round(log(x) * 1e9) / 1e9)).toEqual([0, 1, 4])
    expect(log.ticks.map(formatNumber)).toEqual(['0.001', '0.01', '0.1', '1', '10'])
    expect(logScale(1, 9, 0, 1).ticks).toEqual([1, 2, 5])
  })

  it('survive a range of nothing', () => {
    expect(linearScale(3, 3, 0, 1)(3)).toBe(0)
    expect(linearScale(0, 0, 0, 1).ticks.length).toBeGreaterThan(0)
  })
})

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [1234.5678, '1235'],
    [0.012345, '0.01235'],
    [1.5e-7, '1.5e-7'],
    [1e-7, '1e-7'],
    [123456, '1.23e+5'],
    [-2.5, '-2.5'],
  ])('%d', (value, text) => expect(formatNumber(value)).toBe(text))
})

describe('plots', () => {
  it('are sound for any numbers', () => {
    const values = fc.array(finite, { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(values, values, (a, b) => {
        const x = a.map((_, i) => i)
        expectSound(lineChart([{ name: 'a', className: 'c1', x, y: a }], 'x', 'y'))
        const marks = [{ label: 'm', value: b[0] }]
        const groups = [
          { name: 'a', className: 'c1', values: a },
          { name: 'b', className: 'c2', values: b },
        ]
        expectSound(histogram(groups, marks, 'score'))
        expectSound(waveform([{ className: 'c1', values: a }], Math.min(...a), Math.max(...a)))
      }),
    )
  })

  it('count each value in one bar of a histogram', () => {
    const svg = histogram([{ name: 'a', className: 'c1', values: [0, 0, 1, 2, 2, 2] }], [], 'score', 3)
    const heights = [...svg.matchAll(/<rect[^>]* height="([\d.]+)"/g)].map(match => Number(match[1]))
    expect(heights.map(height => height / heights[1])).toEqual([expect.closeTo(2, 1), 1, expect.closeTo(3, 1)])
  })

  it('label thresholds so that no line crosses a label', () => {
    const marks = [
      { label: 'low', value: 1 },
      { label: 'high', value: 2 },
    ]
    const top = (svg: string) =>
      [...svg.matchAll(/class="mark" x1="([\d.]+)"[^>]*y1="([\d.]+)"/g)].map(m => ({
        x: Number(m[1]),
        y: Number(m[2]),
      }))
    const [a, b] = top(histogram([{ name: 'a', className: 'c1', values: [0, 10] }], marks, 'score'))
    expect(a.x < b.x && a.y < b.y).toBe(true)
    const [c, d] = top(histogram([{ name: 'a', className: 'c1', values: [0, 2] }], marks, 'score'))
    expect(c.x > d.x && c.y < d.y).toBe(true)
  })

  it('are empty without values', () => {
    expect(lineChart([], 'x', 'y')).toBe('')
    expect(histogram([{ name: 'a', className: 'c1', values: [] }], [], 'score')).toBe('')
  })
})
