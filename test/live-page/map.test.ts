import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import type { Routes } from '../../src/stream/http.ts'
import type { PlacedPoint } from '../../src/stream/map/latent-map.ts'
import type { TrainingMap } from '../../src/stream/map/map-protocol.ts'
import { executablePath, type LivePage, type PageOptions, useBrowser } from '../helpers/live-page.ts'
import { PageDaemon, START } from '../helpers/page-daemon.ts'
import { pixelsOf } from '../helpers/page-pixels.ts'

/** Colours of clusters 0 and 1 in the light theme. */
const BLUE = [0x00, 0x72, 0xb2]
const ORANGE = [0xd9, 0x82, 0x00]

/** Windows of two clusters, left and right on the map; one above the other along the components. */
function training(n = 100, changes: Partial<TrainingMap> = {}): TrainingMap {
  const rows = Array.from({ length: n }, (_, i) => ({ side: i % 2, angle: i, far: Math.sqrt(i / n) }))
  const around = (x: number, y: number, { angle, far }: (typeof rows)[0]) => [
    x + far * Math.cos(angle),
    y + far * Math.sin(angle),
  ]
  return {
    ...{ method: 'umap', seed: 1, options: null },
    places: rows.map(row => around(8 * row.side, 0, row)),
    pca: { explained_variance_ratio: [0.6, 0.2, 0.1], places: rows.map(row => [...around(0, 8 * row.side, row), 0]) },
    windows: rows.map((_, i) => `normal/${i}.wav@0`),
    clusters: rows.map(({ side }) => side),
    scores: rows.map(() => 0.5),
    ...changes,
  }
}

function point(seq: number, changes: Partial<PlacedPoint> = {}): PlacedPoint {
  const at = { source: seq % 2 ? 'fan' : 'pump', window: `fan/a.wav/${seq}`, time: START + seq * 1000 }
  return { seq, ...at, score: 0.5, anomalous: false, cluster: 1, place: [8, 0.1], pca: [0, 8, 0], ...changes }
}

/** Pixels of the map that have nearly this colour. */
const pixels = (page: Page, colour: readonly number[]) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.map-canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) {
      count += data[i + 3] > 90 && ${JSON.stringify(colour)}.every((c, k) => Math.abs(data[i + k] - c) < 10)
    }
    return count
  })()`) as Promise<number>

/** Mean place of the pixels of a colour, parts of the width and of the height from above. */
const centre = (page: Page, colour: readonly number[]) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.map-canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const sum = [0, 0, 0]
    for (let i = 0; i < data.length / 4; i++) {
      if (data[4 * i + 3] < 90 || !${JSON.stringify(colour)}.every((c, k) => Math.abs(data[4 * i + k] - c) < 10)) continue
      sum[0] += (i % canvas.width) / canvas.width
      sum[1] += Math.floor(i / canvas.width) / canvas.height
      sum[2]++
    }
    return [sum[0] / sum[2], sum[1] / sum[2]]
  })()`) as Promise<[number, number]>

describe.skipIf(!executablePath)('the map', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let live: LivePage
  let page: Page
  let points: PlacedPoint[]
  let map: TrainingMap | undefined
  let labels: Record<number, string>
  let reason: string
  let asked: string[]

  const routes: Routes = {
    'GET /v1/map': () => {
      if (!map) throw new AuscultError('AUSCULT_NOT_FOUND', 'there is no map now')
      return { body: map }
    },
    'GET /v1/map/points': ({ query }) => {
      asked.push(query.get('after') ?? '')
      const rows = points.filter(({ seq }) => seq > Number(query.get('after') ?? 0)).slice(0, 1000)
      return { body: { points: rows, next: rows.length === 1000 ? rows.at(-1)!.seq : null } }
    },
    'GET /v1/clusters': () => ({
      body: { clusters: [0, 1].map(id => ({ id, ...(labels[id] && { label: labels[id] }) })), next: null },
    }),
    'PUT /v1/clusters/{id}/label': ({ params, body }) => {
      labels[Number(params.id)] = (body as { label: string }).label
      return { body: { cluster: Number(params.id), label: labels[Number(params.id)] } }
    },
    'GET /readyz': () => ({ body: { status: 'ready', components: { map: { ok: true, reason } } } }),
  }

  beforeEach(async () => {
    points = []
    map = training()
    labels = {}
    reason = '0 windows placed'
    asked = []
    daemon = new PageDaemon({ routes })
    await daemon.start()
  })
  afterEach(async () => {
    await page.close()
    await daemon.stop()
  })

  async function open(options: PageOptions = {}) {
    live = await browser.open(daemon, { hash: '#/map', ...options })
    page = live.page
  }
  const details = () => page.textContent('.map-details')

  it('shows the clusters of the training where they lie, each in its colour, with a legend', async () => {
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    expect(await pixels(page, ORANGE)).toBeGreaterThan(50)
    const [blue, orange] = [await centre(page, BLUE), await centre(page, ORANGE)]
    expect(orange[0] - blue[0]).toBeGreaterThan(0.4)
    expect(Math.abs(orange[1] - blue[1])).toBeLessThan(0.05)
    expect(await page.locator('.legend-list li').allTextContents()).toEqual([
      'Cluster 050 trained',
      'Cluster 150 trained',
    ])
    expect(await page.textContent('.title .muted')).toBe('100 windows of the training, 0 new')
    expect(live.problems).toEqual([])
  })

  it('lays them out along principal components', async () => {
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    await page.check('input[value=pca]', { force: true })
    await expect.poll(async () => (await centre(page, BLUE))[1] - (await centre(page, ORANGE))[1]).toBeGreaterThan(0.4)
    expect(await page.getAttribute('label:has(input[value=pca])', 'title')).toContain('80 % of the variance')
  })

  it('adds new windows as they come, asks only for these, and rings anomalous ones', async () => {
    points = [point(1), point(2)]
    await open()
    await expect.poll(() => page.textContent('.title .muted')).toContain('2 new')
    expect(await pixelsOf(page, '--alarm', '.map-canvas')).toBe(0)
    points.push(point(3, { anomalous: true, score: 7, place: [4, 6] }))
    await expect.poll(() => page.textContent('.title .muted'), { timeout: 8000 }).toContain('3 new, 1 anomalous')
    await expect.poll(() => pixelsOf(page, '--alarm', '.map-canvas')).toBeGreaterThan(20)
    expect(asked).toContain('2')
    expect(live.problems).toEqual([])
  })

  it('goes from window to window by keys, and says what each is', async () => {
    points = [point(1), point(2, { anomalous: true, score: 7.5 })]
    labels = { 1: 'loose belt' }
    await open()
    await expect.poll(() => page.textContent('.title .muted')).toContain('2 new')
    await page.focus('.map-canvas')
    await page.keyboard.press('End')
    await expect.poll(details).toContain('7.5, anomalous')
    for (const text of ['New window', 'pump', 'fan/a.wav/2']) expect(await details()).toContain(text)
    await expect.poll(details).toContain('loose belt')
    expect(await page.getAttribute('.map-details a[href*=history]', 'href')).toBe('#/history?cluster=1')
    expect(await page.getAttribute('.map-details a[href*=source]', 'href')).toBe('#/source/pump')
    expect(await page.textContent('#announcer')).toMatch(/^pump, .*, score 7.5, /)
    await page.keyboard.press('ArrowLeft')
    expect(await details()).toContain('fan/a.wav/1')
    await page.keyboard.press('Home')
    expect(await details()).toContain('Window of the training')
    await page.keyboard.press('Escape')
    expect(await details()).toContain('Point at a window')
  })

  it('says what lies under the pointer, and keeps it after a tap', async () => {
    points = [point(1, { place: [4, 5] })]
    await open()
    await expect.poll(() => page.textContent('.title .muted')).toContain('1 new')
    const box = (await page.locator('.map-canvas').boundingBox())!
    const onPoint = { x: box.width / 2, y: 0 }
    for (let y = 5; y < box.height && !(await details())!.includes('fan/a.wav/1'); y += 8) {
      onPoint.y = y
      await page.hover('.map-canvas', { position: onPoint })
    }
    expect(await details()).toContain('fan/a.wav/1')
    await page.hover('h2')
    expect(await details()).toContain('Point at a window')
    await page.click('.map-canvas', { position: onPoint })
    await page.hover('h2')
    expect(await details()).toContain('fan/a.wav/1')
  })

  it('names a cluster', async () => {
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    await page.focus('.map-canvas')
    await page.keyboard.press('Home')
    await page.click('text=Name the cluster')
    await page.fill('dialog input[name=label]', 'idle')
    await page.click('dialog >> text=Name it')
    await expect.poll(() => labels[0]).toBe('idle')
    await expect.poll(() => page.textContent('.legend-list')).toContain('Idle')
    expect(live.problems).toEqual([])
  })

  it('hides what is not ticked, the training, and other sources', async () => {
    points = [point(1), point(2, { anomalous: true })]
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    await page.uncheck('[data-cluster="0"] input')
    await expect.poll(() => pixels(page, BLUE)).toBe(0)
    expect(await pixels(page, ORANGE)).toBeGreaterThan(50)
    await page.click('text=Show all')
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    await page.uncheck('.map-check input')
    await expect.poll(() => pixels(page, BLUE)).toBe(0)
    await expect.poll(() => pixelsOf(page, '--alarm', '.map-canvas')).toBeGreaterThan(20)
    await page.selectOption('select', 'fan')
    await expect.poll(() => pixelsOf(page, '--alarm', '.map-canvas')).toBe(0)
  })

  it('is zoomed by wheel, keys and buttons, moved, and shown as a whole again', async () => {
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    const whole = await centre(page, BLUE)
    await page.hover('.map-canvas')
    await page.mouse.wheel(0, -600)
    await expect.poll(() => pixels(page, BLUE)).toBe(0)
    await page.keyboard.press('Tab')
    await page.focus('.map-canvas')
    await page.keyboard.press('0')
    await expect.poll(() => centre(page, BLUE)).toEqual(whole)
    await page.keyboard.press('Shift+ArrowLeft')
    await expect.poll(async () => (await centre(page, BLUE))[0]).toBeGreaterThan(whole[0] + 0.03)
    await page.click('[aria-label="Show all"]')
    await expect.poll(() => centre(page, BLUE)).toEqual(whole)
    await page.click('[aria-label="Zoom out"]')
    await expect.poll(async () => (await centre(page, BLUE))[0]).toBeGreaterThan(whole[0] + 0.03)
  })

  it('is zoomed by two fingers', async () => {
    await open()
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    const whole = await centre(page, BLUE)
    const box = (await page.locator('.map-canvas').boundingBox())!
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
    const session = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', apart?: number) => {
      const touchPoints = apart === undefined ? [] : [-apart, apart].map((dx, id) => ({ x: x + dx, y, id }))
      return session.send('Input.dispatchTouchEvent', { type, touchPoints })
    }
    await touch('touchStart', 40)
    for (const apart of [42, 44, 46, 48]) await touch('touchMove', apart)
    await touch('touchEnd')
    await expect.poll(async () => 0.5 - (await centre(page, BLUE))[0]).toBeGreaterThan(1.1 * (0.5 - whole[0]))
    expect(await page.getAttribute('.map-canvas', 'class')).toContain('is-near')
  })

  it.each([
    ['off', 'does not make one'],
    ['given up: it ended', 'has given up'],
    ['starting', 'is being made'],
  ])('says why there is no map (%s), and shows it once there is', async (why, text) => {
    map = undefined
    reason = why
    await open()
    await expect.poll(() => page.textContent('.map-frame .empty')).toContain(text)
    map = training()
    reason = '0 windows placed'
    await expect.poll(() => pixels(page, BLUE), { timeout: 8000 }).toBeGreaterThan(50)
    expect(await page.isVisible('.map-frame .empty')).toBe(false)
    expect(live.problems).toEqual([])
  })

  it('shows latents of a bundle without clusters', async () => {
    map = training(100, { method: 'pca', clusters: null, windows: null, scores: null })
    await open()
    await expect.poll(() => page.locator('.legend-list li').allTextContents()).toEqual(['Of no cluster100 trained'])
    expect(await page.isVisible('fieldset.span')).toBe(false)
    await page.focus('.map-canvas')
    await page.keyboard.press('Home')
    expect(await details()).toContain('Window of the training')
    expect(live.problems).toEqual([])
  })

  it('keeps up with ten thousand points', async () => {
    map = training(2000)
    points = Array.from({ length: 9000 }, (_, i) => point(i + 1, { place: [8 * Math.cos(i), 8 * Math.sin(i * 1.7)] }))
    await open()
    await expect.poll(() => page.textContent('.title .muted'), { timeout: 10_000 }).toContain('8,000 new')
    const { own, bare } = (await page.evaluate(`(async () => {
      const { MapCanvas } = await import('./map/map-canvas.js')
      const { Points } = await import('./map/points.js')
      const { places, clusters } = await (await fetch('v1/map')).json()
      const points = new Points()
      points.setTraining({ places, clusters, pca: { places } })
      points.add(Array.from({ length: 8000 }, (_, i) => ({ seq: i, place: places[i % 2000], pca: places[0], cluster: i % 9 })))
      const map = new MapCanvas(document.querySelector('.map-canvas'), points)
      map.resize()
      map.update()
      const sprite = document.createElement('canvas')
      sprite.width = 14
      sprite.height = 14
      const least = async draw => {
        const times = []
        for (let i = 0; i < 9; i++) {
          const begun = performance.now()
          draw()
          times.push(performance.now() - begun)
          await new Promise(resolve => setTimeout(resolve, 10))
        }
        return Math.min(...times)
      }
      const own = await least(() => {
        map.camera.zoomAt(1.01)
        map.draw()
      })
      const bare = await least(() => {
        for (let i = 0; i < 10_000; i++) map.context.drawImage(sprite, i % 700, i % 500, 14, 14)
      })
      return { own, bare }
    })()`)) as { own: number; bare: number }
    // What it costs beyond copying ten thousand small pictures, whatever else the machine does.
    expect(own).toBeLessThan(3 * bare + 5)
  }, 30_000)

  it('fits a phone', async () => {
    points = [point(1, { source: 'a-source-with-a-rather-long-name/of-some-line' }), point(2)]
    await open({ width: 360, height: 740 })
    await expect.poll(() => pixels(page, BLUE)).toBeGreaterThan(50)
    await expect.poll(() => page.textContent('.title .muted')).toContain('2 new')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
