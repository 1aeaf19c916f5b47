import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatNumber, indexAxis, linearScale, logScale } from '../../../src/train/report/axis.ts'
import { histogram, lineChart, waveform } from '../../../src/train/report/plot.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
/** No NaN, no infinity, and every tag closed. */
const expectSound = (svg: string) => {
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  const open = svg.match(/<(svg|p|span|div)\b/g)?.length
  expect(svg.match(/<\/(svg|p|span|div)>/g)?.length).toBe(open)
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
        const axis = { x: indexAxis('index', a.length), unit: 'V' }
        expectSound(waveform({ className: 'c1', values: a }, [Math.min(...a), Math.max(...a)], axis))
      }),
    )
  })

  it('count each value in one bar of a histogram', () => {
    const svg = histogram([{ name: 'a', className: 'c1', values: [0, 0, 1, 2, 2, 2] }], [], 'score', 3)
    const heights = [...svg.matchAll(/<rect[^>]* height="([\d.]+)"/g)].map(match => Number(match[1]))
    expect(heights.map(height => height / heights[1])).toEqual([expect.closeTo(2, 1), 1, expect.closeTo(3, 1)])
  })

  it('name each threshold beside a key that looks like its line', () => {
    const marks = [
      { label: 'low', value: 1 },
      { label: 'high <b>', value: 2 },
    ]
    const html = histogram([{ name: 'a', className: 'c1', values: [0, 10] }], marks, 'score')
    const lines = [...html.matchAll(/<line class="mark (m\d)" x1="([\d.]+)"/g)].map(([, style, x]) => [
      style,
      Number(x),
    ])
    expect(lines).toEqual([
      ['m1', expect.closeTo(1000 / 10.2, 0)],
      ['m2', expect.closeTo(2000 / 10.2, 0)],
    ])
    expect(html).toContain(
      '<span class="mark-key m1">low: 1</span><span class="mark-key m2">high &#60;b&#62;: 2</span>',
    )
  })

  it('mark the axes at their values', () => {
    const html = lineChart([{ name: 'a', className: 'c1', x: [1, 2, 3], y: [4, 2, 3] }], 'epoch', 'loss')
    expect(html).toContain('<div class="x-label">epoch</div>')
    const ticks = (side: string) =>
      [...html.matchAll(new RegExp(`${side}:([\\d.]+)%">([\\d.]+)<`, 'g'))].map(([, at, text]) => [text, Number(at)])
    expect(ticks('left')).toEqual([
      ['1', 0],
      ['2', 50],
      ['3', 100],
    ])
    expect(ticks('bottom')).toContainEqual(['3', 50])
    expect(html).toMatch(/points="0\.0,0\.0 500\.0,1000\.0 1000\.0,500\.0"/)
  })

  it('are empty without values', () => {
    expect(lineChart([], 'x', 'y')).toBe('')
    expect(histogram([{ name: 'a', className: 'c1', values: [] }], [], 'score')).toBe('')
  })
})
