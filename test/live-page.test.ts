import { type Browser, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../src/logger.ts'
import { type EpisodeJson, episodeToJson } from '../src/stream/episode-json.ts'
import { HttpServer, httpSchema } from '../src/stream/http.ts'
import { WebSocketHub } from '../src/stream/websocket.ts'
import type { Episode } from '../src/types.ts'
import { noHistory } from './helpers/events.ts'
import { chromium, PROJECT } from './helpers/requires.ts'

const executablePath = chromium()
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const START = Date.now() - 60_000
const INFO = {
  name: 'fan',
  threshold: 1,
  window: { shape: [16000], sample_rate: 16000, hop_seconds: 0.5 },
  sources: ['a'],
}

/** The daemon's own server and hub, fed by the test. */
class FakeDaemon {
  readonly hub = new WebSocketHub(() => INFO, noHistory)
  readonly server: HttpServer
  #seq = 0

  constructor(port = 0, episodes: EpisodeJson[] = []) {
    this.server = new HttpServer({
      ...httpSchema.parse({ port }),
      page: `${PROJECT}dashboards/live`,
      logger: silentLogger,
      routes: { 'GET /v1/episodes': () => ({ body: { episodes } }) },
      upgrades: { '/v1/stream': this.hub.upgrade.bind(this.hub) },
    })
  }

  async stop(): Promise<void> {
    await this.hub.stop()
    await this.server.stop()
  }

  /** A score for each half second from `from` to `to`, seconds after START. */
  scores(source: string, from: number, to: number, score: number): void {
    for (let at = from; at < to; at += 0.5) {
      const place = { source, id: `${source}/${at}`, index: at * 2, stream: 'feed.wav', offset: at * 16000 }
      const time = { time: START + at * 1000, duration: 1 }
      this.hub.score({
        ...place,
        ...time,
        score,
        threshold: 1,
        anomalous: score > 1,
        late: false,
        latent: new Float32Array(2),
      })
    }
  }

  episode(type: 'opened' | 'updated' | 'closed', episode: Episode): void {
    this.hub.event(
      { type: `episode.${type}`, eventId: `${episode.id}/${type}/${episode.windows}`, episode },
      ++this.#seq,
    )
  }
}

const open: Episode = {
  id: 'a/feed.wav/320000',
  source: 'a',
  state: 'open',
  openedAt: START + 20_000,
  lastAt: START + 22_000,
  stream: 'feed.wav',
  offset: 320_000,
  windows: 3,
  peakScore: 7.5,
  meanScore: 6,
  threshold: 1,
}
const closed: Episode = {
  ...open,
  state: 'closed',
  windows: 21,
  lastAt: START + 31_500,
  closedAt: START + 31_500,
  closeReason: 'recovered',
}

/** How many pixels of the chart have the colour of a custom property, nearly. */
const pixelsOf = (page: Page, property: string) =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('canvas')
    const probe = document.createElement('canvas').getContext('2d')
    probe.fillStyle = getComputedStyle(canvas).getPropertyValue('${property}')
    probe.fillRect(0, 0, 1, 1)
    const wanted = probe.getImageData(0, 0, 1, 1).data
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let count = 0
    for (let i = 0; i < data.length; i += 4) {
      count += data[i + 3] > 200 && [0, 1, 2].every(k => Math.abs(data[i + k] - wanted[k]) < 12)
    }
    return count
  })()`) as Promise<number>

describe.skipIf(!executablePath)('the live page', () => {
  let browser: Browser
  let daemon: FakeDaemon
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: ARGUMENTS })
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    daemon = new FakeDaemon()
    await daemon.server.start()
    problems = []
    page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
    page.on('pageerror', error => problems.push(String(error)))
    page.on('console', message => {
      if (message.type() === 'error') problems.push(message.text())
    })
    await page.goto(daemon.server.address!)
    await page.waitForSelector('#connection[data-state=live]')
  })
  afterEach(async () => {
    await page.close()
    await daemon.stop()
  })

  it.each(['no-preference', 'reduce'] as const)('draws scores and counts them (reduced motion: %s)', async motion => {
    await page.emulateMedia({ reducedMotion: motion })
    daemon.scores('a', 0, 40, 0.5)
    daemon.scores('a', 40, 60, 5)
    await page.waitForSelector('canvas')
    await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(200)
    await expect.poll(() => pixelsOf(page, '--alarm')).toBeGreaterThan(200)
    await expect.poll(() => page.textContent('#window-count')).toBe('120')
    expect(await page.textContent('#bundle')).toBe('fan')
    expect(await page.textContent('.reading')).toBe('5 · 5× threshold')
    expect(problems).toEqual([])
  })

  it('lists an episode, open on top, and closes it', async () => {
    daemon.scores('a', 0, 25, 5)
    daemon.episode('closed', { ...closed, id: 'a/feed.wav/0', openedAt: START + 21_000 })
    daemon.episode('opened', open)
    const row = page.locator('#episode-list li').first()
    await expect.poll(() => row.getAttribute('data-state')).toBe('open')
    expect(await row.getAttribute('data-episode')).toBe(open.id)
    await expect.poll(() => page.textContent('#open-count')).toBe('1')
    expect(await row.textContent()).toContain('7.5 (7.5×)')
    expect(await row.textContent()).toContain('feed.wav at 20.0 s')
    expect(await page.textContent('#announcer')).toBe('Episode opened on a')
    daemon.episode('closed', closed)
    await expect.poll(() => page.textContent('#open-count')).toBe('0')
    const lines = await page.locator(`[data-episode="${open.id}"]`).textContent()
    expect(lines).toContain('closed')
    expect(lines).toContain('11.5 s')
    daemon.episode('updated', { ...open, windows: 5 })
    daemon.scores('a', 25, 26, 0.5)
    await expect.poll(() => page.textContent('#window-count')).toBe('52')
    expect(await page.textContent('#open-count')).toBe('0')
  })

  it('drops an open episode that the daemon no longer knows after a reconnection', async () => {
    daemon.episode('opened', open)
    await page.waitForSelector(`[data-episode="${open.id}"]`)
    const port = Number(new URL(daemon.server.address!).port)
    await daemon.stop()
    daemon = new FakeDaemon(port)
    await daemon.server.start()
    await expect.poll(() => page.textContent('#open-count'), { timeout: 15_000 }).toBe('0')
    expect(await page.isVisible('#no-episodes')).toBe(true)
  })

  it('shows episodes of before it was opened, and comes back by itself when the daemon does', async () => {
    const port = Number(new URL(daemon.server.address!).port)
    await daemon.stop()
    await page.waitForSelector('#connection[data-state=waiting]')
    expect(await page.textContent('#connection')).toContain('Disconnected')
    expect(await page.isVisible('#retry')).toBe(true)
    daemon = new FakeDaemon(port, [episodeToJson(closed)])
    await daemon.server.start()
    await page.waitForSelector('#connection[data-state=live]', { timeout: 15_000 })
    await page.waitForSelector(`[data-episode="${closed.id}"]`)
    expect(await page.isVisible('#retry')).toBe(false)
    daemon.scores('a', 0, 3, 0.5)
    await expect.poll(() => page.textContent('#window-count')).toBe('6')
  })

  it('can be read and paused from the keyboard', async () => {
    daemon.scores('a', 0, 30, 0.5)
    await page.waitForSelector('canvas')
    await page.focus('canvas')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.textContent('.reading')).toMatch(/^\d\d:\d\d:\d\d · 0\.5 · 0\.5× threshold$/)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.textContent('.reading')).toBe('0.5 · 0.5× threshold')
    await page.keyboard.press('p')
    expect(await page.getAttribute('#pause', 'aria-pressed')).toBe('true')
  })

  it('says that the feed is ahead of the clock, and only then', async () => {
    daemon.scores('a', 0, 58, 0.5)
    await expect.poll(() => page.textContent('#window-count')).toBe('116')
    expect(await page.isVisible('#feed-time')).toBe(false)
    daemon.scores('a', 58, 100, 0.5)
    await expect.poll(() => page.isVisible('#feed-time')).toBe(true)
    expect(await page.textContent('#feed-time')).toBe('replay, feed time')
    expect(problems).toEqual([])
  })

  it('takes names as text, not as markup', async () => {
    const name = '<img src=x onerror=alert(1)>'
    daemon.scores(name, 0, 2, 0.5)
    await expect.poll(() => page.textContent('h3')).toBe(name)
    expect(await page.locator('.source img').count()).toBe(0)
  })

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    daemon.scores('a-source-with-a-rather-long-name', 0, 30, 0.5)
    daemon.episode('opened', { ...open, source: 'a-source-with-a-rather-long-name' })
    await page.waitForSelector('#episode-list li')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })

  it.each(['light', 'dark'] as const)('has enough contrast in %s', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    const ratios = (await page.evaluate(CONTRASTS)) as Record<string, number>
    for (const [name, ratio] of Object.entries(ratios)) expect(ratio, name).toBeGreaterThanOrEqual(4.5)
  })
})

/** Contrast of text colours on panel and page (WCAG 2.2, relative luminance). */
const CONTRASTS = `(() => {
  const style = getComputedStyle(document.documentElement)
  const probe = document.createElement('canvas').getContext('2d')
  const luminance = name => {
    probe.fillStyle = style.getPropertyValue(name)
    probe.fillRect(0, 0, 1, 1)
    const [r, g, b] = [...probe.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const result = {}
  for (const text of ['--ink', '--muted', '--alarm', '--accent', '--score'])
    for (const ground of ['--panel', '--page']) {
      const [a, b] = [luminance(text), luminance(ground)].sort((x, y) => y - x)
      result[text + ' on ' + ground] = (a + 0.05) / (b + 0.05)
    }
  return result
})()`
