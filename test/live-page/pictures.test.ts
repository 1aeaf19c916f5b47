import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ViewMessage, Views } from '../../src/stream/live-view/view-message.ts'
import { executablePath, type LivePage, type PageOptions, useBrowser } from '../helpers/live-page.ts'
import { PageDaemon, START } from '../helpers/page-daemon.ts'
import { pixelsOf } from '../helpers/page-pixels.ts'
import { until } from '../helpers/until.ts'

const BANDS = 32
const FRAMES = 32
const STEP = 0.032
const LOW = -80
const TONE = 24
const SOURCE = 'fan'

/** Pixels above a spectrogram, for marks. */
const MARKS = 6

const evenly = (n: number, width = 1) => Array.from({ length: n + 1 }, (_, i) => i * width)

function base64(n: number, value: (i: number) => number): string {
  return Buffer.from(Array.from({ length: n }, (_, i) => Math.round(((value(i) - LOW) / -LOW) * 255))).toString(
    'base64',
  )
}

/** A window of a second that begins so many seconds after START: a hum in the low bands that is expected, and a tone that is not. */
function sound(at: number, hasTone: boolean, changes: Partial<ViewMessage> = {}): ViewMessage {
  const hum = (i: number) => (i < 4 * FRAMES ? -10 : -60)
  const heard = (i: number) => (hasTone && Math.floor(i / FRAMES) === TONE ? -5 : hum(i))
  return {
    ...{ type: 'view', source: SOURCE, id: `fan/${at}`, time: START + at * 1000, duration: 1, threshold: 1 },
    ...{ score: hasTone ? 6 : 0.4, anomalous: hasTone, skipped: 0 },
    ...{ rows: BANDS, columns: FRAMES, low: LOW, high: 0, unit: 'dB' },
    axes: {
      x: { name: 'time', unit: 's', edges: evenly(FRAMES, STEP) },
      y: { name: 'frequency', unit: 'Hz', edges: evenly(BANDS, 250) },
    },
    features: base64(BANDS * FRAMES, heard),
    reconstruction: base64(BANDS * FRAMES, hum),
    ...changes,
  }
}

/** A frame of 8 × 10 that is dark but for one pixel. */
function frame(row: number, column: number): ViewMessage {
  return {
    ...sound(0, false),
    ...{ duration: 0, rows: 8, columns: 10, unit: 'value' },
    axes: {
      x: { name: 'column', unit: 'index', edges: evenly(10) },
      y: { name: 'row', unit: 'index', edges: evenly(8) },
    },
    features: base64(80, i => (i === row * 10 + column ? 0 : LOW)),
    reconstruction: base64(80, () => LOW),
  }
}

/** How light the pixel in the middle of a cell is, 0 to 255, drawn `back` columns before the newest; -1 where nothing is. */
const lightness = (page: Page, strip: number, band: number, back: number) =>
  page.evaluate(`(() => {
    const canvas = document.querySelectorAll('.strip-picture')[${strip}]
    const height = Math.floor((canvas.height - ${MARKS}) / ${BANDS}) * ${BANDS}
    const y = ${MARKS} + height - (${band} + 0.5) * (height / ${BANDS})
    const [r, g, b, a] = canvas.getContext('2d').getImageData(canvas.width - ${back}, Math.floor(y), 1, 1).data
    return a === 0 ? -1 : Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b)
  })()`) as Promise<number>

const HEARD = 0
const EXPECTED = 1
const DIFFERENCE = 2

describe.skipIf(!executablePath)('live pictures', () => {
  const browser = useBrowser()
  const listeners = new Map<string, (view: ViewMessage) => void>()
  const views: Views = {
    watch(source, listener) {
      listeners.set(source, listener)
      return () => void listeners.delete(source)
    },
  }
  let daemon: PageDaemon
  let live: LivePage
  let page: Page

  beforeEach(async () => {
    listeners.clear()
    daemon = new PageDaemon({ views })
    await daemon.start()
  })
  afterEach(async () => {
    expect(live.problems).toEqual([])
    await page.close()
    await daemon.stop()
  })

  /** Opens the page of the source, and waits until the daemon was asked for its pictures. */
  async function open(options: PageOptions = {}) {
    live = await browser.open(daemon, { hash: `#/source/${SOURCE}`, reducedMotion: 'reduce', ...options })
    page = live.page
    await expect.poll(() => listeners.has(SOURCE)).toBe(true)
  }
  /** Of views that come at once only the latest is sent: each is waited for. */
  async function send(view: ViewMessage): Promise<void> {
    const count = () => live.received.get('view') ?? 0
    const before = count()
    listeners.get(SOURCE)!(view)
    await until(() => count() > before, 10_000)
  }
  /** Windows of one second each half second. */
  async function hear(from: number, to: number, hasTone = false): Promise<void> {
    for (let at = from; at < to; at += 0.5) await send(sound(at, hasTone))
  }

  it('shows a tone at its frequency where it was heard, and not where it was expected', async () => {
    await open()
    await hear(0, 10)
    await hear(10, 14, true)
    await expect.poll(() => lightness(page, HEARD, TONE, 20)).toBeGreaterThan(180)
    const hum = await lightness(page, HEARD, 1, 20)
    const quiet = await lightness(page, HEARD, TONE - 3, 20)
    expect(hum).toBeGreaterThan(quiet + 80)
    for (const band of [TONE - 2, TONE + 2]) expect(await lightness(page, HEARD, band, 20)).toBe(quiet)
    for (const band of [TONE - 2, TONE, TONE + 2]) expect(await lightness(page, EXPECTED, band, 20)).toBe(quiet)
    expect(await lightness(page, EXPECTED, 1, 20)).toBe(hum)
    const same = await lightness(page, DIFFERENCE, 1, 20)
    expect(await lightness(page, DIFFERENCE, TONE - 2, 20)).toBe(same)
    expect(await lightness(page, DIFFERENCE, TONE, 20)).toBeLessThan(same - 100)
    // Before the tone there was none.
    expect(await lightness(page, HEARD, TONE, 20 + Math.round(5 / STEP))).toBe(quiet)
    expect(await page.textContent('.pictures h3')).toBe('What the model hears')
    expect(await page.textContent('.pictures-score')).toBe('6 · 6× threshold')
    expect(await page.textContent('.pictures-bars')).toContain('−800 dB')
  })

  it('marks anomalous stretches, and only these', async () => {
    await open()
    await hear(0, 10)
    await expect.poll(() => lightness(page, HEARD, 1, 20)).toBeGreaterThan(0)
    expect(await pixelsOf(page, '--alarm', '.strip-picture')).toBe(0)
    await hear(10, 14, true)
    await expect.poll(() => pixelsOf(page, '--alarm', '.strip-picture')).toBeGreaterThan(300)
  })

  it('leaves blank what did not come, and shows what came late', async () => {
    await open()
    await hear(0, 4)
    await send(sound(7, false))
    const gap = Math.round(2.2 / STEP)
    await expect.poll(() => lightness(page, HEARD, 20, 10)).toBeLessThan(100)
    await expect.poll(() => lightness(page, HEARD, 20, gap)).toBeGreaterThan(200)
    await send(sound(5, false))
    await expect.poll(() => lightness(page, HEARD, 20, gap)).toBeLessThan(100)
  })

  it('begins anew when the feed does', async () => {
    await open()
    await hear(100, 110)
    await expect.poll(() => lightness(page, HEARD, 20, 100)).toBeLessThan(100)
    await send(sound(0, false))
    await expect.poll(() => lightness(page, HEARD, 20, 100)).toBeGreaterThan(200)
    expect(await lightness(page, HEARD, 20, 10)).toBeLessThan(100)
  })

  it('reads values under the pointer and from the keyboard', async () => {
    await open()
    await hear(0, 4, true)
    await expect.poll(() => lightness(page, HEARD, TONE, 20)).toBeGreaterThan(180)
    await page.focus('.waterfall')
    await page.keyboard.press('ArrowLeft')
    for (let i = 0; i < TONE - BANDS / 2; i++) await page.keyboard.press('ArrowUp')
    const reading = page.locator('.pictures-reading')
    expect(await reading.textContent()).toMatch(/ · 6\.13 kHz · heard −5\.0\d, expected −59\.9, \+54\.9 dB$/)
    await page.keyboard.press('Escape')
    expect(await reading.textContent()).toBe('')
    await page.locator('.strip-picture').nth(1).hover()
    expect(await reading.textContent()).toMatch(/kHz/)
  })

  it('holds still with the page, asks for nothing meanwhile, and nothing once it is closed', async () => {
    await open()
    await hear(0, 4)
    await expect.poll(() => lightness(page, HEARD, 1, 20)).toBeGreaterThan(0)
    await page.keyboard.press('p')
    await expect.poll(() => listeners.size).toBe(0)
    expect(await page.textContent('.pictures-note')).toBe('Paused.')
    await page.keyboard.press('p')
    await expect.poll(() => listeners.size).toBe(1)
    await page.click('.tabs >> text=Health')
    await expect.poll(() => listeners.size).toBe(0)
    await page.goBack()
    await expect.poll(() => listeners.size).toBe(1)
    expect(await page.locator('.strip-picture').count()).toBe(0)
  })

  it('says that windows are left out, and that it waits', async () => {
    await open()
    expect(await page.textContent('.pictures-note')).toBe('Waiting for the next window…')
    for (let at = 0; at < 20; at++) await send(sound(at, false, { skipped: 3 }))
    await expect
      .poll(() => page.textContent('.pictures-note'))
      .toMatch(/^\d+ of the latest \d+ windows are shown\. Scoring comes first\.$/)
  })

  it('says when scores come and no pictures', async () => {
    await open()
    daemon.scores(SOURCE, 0, 2, 0.5)
    await expect
      .poll(() => page.textContent('.pictures-note'), { timeout: 15_000 })
      .toContain('the daemon sends no pictures of this source')
  }, 20_000)

  it('is drawn in the colours of the theme, also when that changes', async () => {
    await open({ colorScheme: 'light' })
    await hear(0, 4)
    await expect.poll(() => lightness(page, DIFFERENCE, 20, 20)).toBeGreaterThan(240)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => lightness(page, DIFFERENCE, 20, 20)).toBeLessThan(50)
  })

  it('does not grow in a feed of hours', async () => {
    await open()
    const size = () => page.evaluate(`document.querySelectorAll('canvas').length`)
    await hear(0, 2)
    await expect.poll(() => lightness(page, HEARD, 1, 20)).toBeGreaterThan(0)
    const before = await size()
    for (let hour = 1; hour < 40; hour++) await hear(hour * 3600, hour * 3600 + 3)
    await expect.poll(() => page.textContent('.strip:last-child figcaption')).toBe('HzDifference')
    await expect.poll(() => lightness(page, HEARD, 1, 20)).toBeGreaterThan(0)
    expect(await size()).toBe(before)
  })

  it('shows a frame, what was expected and the difference side by side, from the top down', async () => {
    await open()
    await send(frame(1, 7))
    await page.waitForSelector('.frame-picture')
    const brightest = (nth: number) =>
      page.evaluate(`(() => {
        const canvas = document.querySelectorAll('.frame-picture')[${nth}]
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        const sums = Array.from({ length: data.length / 4 }, (_, i) => data[4 * i] + data[4 * i + 1] + data[4 * i + 2])
        const most = Math.max(...sums)
        const all = sums.every(sum => sum === most)
        return [canvas.width, canvas.height, all ? -1 : sums.indexOf(most)]
      })()`)
    await expect.poll(() => brightest(0)).toEqual([10, 8, 17])
    expect(await brightest(1)).toEqual([10, 8, -1])
    const boxes = await Promise.all([0, 1, 2].map(i => page.locator('.frame-picture').nth(i).boundingBox()))
    expect(new Set(boxes.map(box => box!.y)).size).toBe(1)
    expect(boxes[0]!.width).toBeGreaterThan(100)
    expect(boxes[0]!.width / boxes[0]!.height).toBeCloseTo(10 / 8, 1)
    await page.focus('.frames')
    for (const [key, times] of [
      ['ArrowUp', 3],
      ['ArrowRight', 2],
    ] as const) {
      for (let i = 0; i < times; i++) await page.keyboard.press(key)
    }
    expect(await page.textContent('.pictures-reading')).toBe('row 1, column 7 · seen 0, expected −80, +80')
    expect(await page.textContent('.pictures h3')).toBe('What the model sees')
  })

  it('draws windows of one row as curves', async () => {
    await open()
    const edges = evenly(512, 2 / 1000)
    const wave = { rows: 1, columns: 512, low: LOW, high: 0, axes: { x: { name: 'time', unit: 's', edges } } }
    const values = (shift: number) => base64(512, i => -40 + 20 * Math.sin(i / 20) + shift)
    await send(sound(0, false, { ...wave, features: values(5), reconstruction: values(0) }))
    await expect.poll(() => pixelsOf(page, '--score', '.curve-picture')).toBeGreaterThan(100)
    expect(await page.locator('.curve-picture').count()).toBe(2)
  })

  it('fits a phone', async () => {
    await open({ width: 360, height: 740 })
    await hear(0, 10)
    await page.waitForSelector('.strip-picture')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    await send(frame(1, 7))
    await page.waitForSelector('.frame-picture')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
