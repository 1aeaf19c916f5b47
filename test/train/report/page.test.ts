import { type Browser, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { renderReport } from '../../../src/train/report/report.ts'
import { featureView } from '../../../src/train/view.ts'
import { chromium } from '../../helpers/requires.ts'

const executablePath = chromium()
const FRONT_ENDS = {
  sound: { type: 'raw', sample_rate: 16_000, window_samples: 4800 },
  spectrogram: { type: 'log-mel', sample_rate: 16_000, stack: 5 },
  frames: { type: 'frame', shape: [64, 48] },
}

/** A report with long names, many epochs and both groups of scores. */
function report(raw: object): string {
  const config = frontEndSchema.parse(raw)
  const frontEnd = createFrontEnd(config)
  const { windowShape, items, featureShape } = frontEnd
  const { view, draw } = featureView(config, frontEnd)
  const window = Float32Array.from({ length: sizeOf(windowShape) }, (_, i) => Math.sin(i / 7) + Math.sin(i / 50))
  const features = new Float32Array(items * sizeOf(featureShape))
  frontEnd.transform(window, features)
  const original = draw(features)
  const example = { title: 'a-recording-with-a-long-name_2026-11-21.wav, at 12.5 s', score: 0.91 }
  return renderReport({
    name: 'pump',
    created: '2026-11-21 22:00:00 UTC',
    summary: [['Epochs', '80 (the loss stood still)']],
    history: Array.from({ length: 80 }, (_, i) => ({
      epoch: i + 1,
      loss: 1000 / (i + 1),
      validation_loss: 1100 / (i + 1),
      learning_rate: 1e-3,
      seconds: 1,
    })),
    bestEpoch: 80,
    scores: [
      { name: 'normal', values: Array.from({ length: 300 }, (_, i) => 1 + Math.sin(i) ** 2 / 9) },
      { name: 'anomalous', values: Array.from({ length: 60 }, (_, i) => 1.5 + Math.sin(i) ** 2 / 3) },
    ],
    thresholds: [
      { label: '99.5th percentile', value: 1.11 },
      { label: 'gamma 0.999', value: 1.16 },
    ],
    view,
    examples: [{ ...example, original, reconstruction: original.map(value => 0.9 * value + 0.01) }],
    warnings: [],
    dropped: [],
  })
}

/** Text that is drawn in plots: how large it is, and whether marks of one axis touch each other. */
const PLOT_TEXT = `(() => {
  const rects = span => [...span.querySelectorAll('span')].map(each => each.getBoundingClientRect())
  const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
  const axes = [...document.querySelectorAll('.x-ticks, .y-ticks')].map(rects)
  const texts = [...document.querySelectorAll('.plot *, .scale *, .legend *')].filter(each => each.textContent.trim())
  return {
    plots: document.querySelectorAll('.plot').length,
    fewest: Math.min(...axes.map(marks => marks.length)),
    touching: axes.flatMap(marks => marks.filter((a, i) => marks.some((b, k) => k > i && touch(a, b)))).length,
    outside: axes.flat().filter(mark => mark.left < 0 || mark.right > innerWidth).length,
    smallest: Math.min(...texts.map(each => parseFloat(getComputedStyle(each).fontSize))),
    scaled: document.querySelectorAll('svg text').length,
    width: document.documentElement.scrollWidth,
  }
})()`

describe.skipIf(!executablePath)('report.html', () => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
    page = await browser.newPage()
  })
  afterAll(() => browser.close())

  const widths = [360, 700, 1200]
  it.each(Object.keys(FRONT_ENDS).flatMap(name => widths.map(width => [name, width] as const)))(
    'has marked axes that can be read: %s, %i px wide',
    async (name, width) => {
      await page.setViewportSize({ width, height: 800 })
      await page.setContent(report(FRONT_ENDS[name as keyof typeof FRONT_ENDS]))
      const seen = (await page.evaluate(PLOT_TEXT)) as Record<string, number>
      expect(seen).toMatchObject({ plots: 5, touching: 0, outside: 0, scaled: 0 })
      expect(seen.fewest).toBeGreaterThanOrEqual(2)
      expect(seen.smallest).toBeGreaterThanOrEqual(12)
      expect(seen.width).toBeLessThanOrEqual(width)
    },
  )
})
