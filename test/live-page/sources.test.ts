import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { episodeToJson } from '../../src/stream/episode-json.ts'
import { executablePath, PageDaemon, START, useBrowser } from '../helpers/live-page.ts'
import { closedEpisode, openEpisode, sourceJson } from '../helpers/page-data.ts'
import { pixelsOf, stillAt } from '../helpers/page-pixels.ts'

describe.skipIf(!executablePath)('sources on the live page', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let page: Page
  let problems: string[]

  const start = async (options: ConstructorParameters<typeof PageDaemon>[0] = {}, pageOptions = {}) => {
    daemon = new PageDaemon(options)
    await daemon.start()
    const opened = await browser.open(daemon, pageOptions)
    page = opened.page
    problems = opened.problems
  }
  afterEach(async () => {
    await page.close()
    await daemon.stop()
    expect(problems).toEqual([])
  })

  describe('few', () => {
    it.each(['no-preference', 'reduce'] as const)('show a fault as a fault (motion: %s)', async reducedMotion => {
      await start({}, { reducedMotion })
      daemon.scores('a', 0, 20, 0.5)
      await page.waitForSelector('.source canvas')
      await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(100)
      await expect.poll(() => page.textContent('.source .state')).toBe('normal')
      expect(await page.textContent('.source .reading')).toBe('0.5 · 0.5× threshold')
      const calm = await pixelsOf(page, '--alarm')
      daemon.scores('a', 20, 40, 5)
      daemon.episode('opened', openEpisode)
      await expect.poll(() => page.textContent('.source .state')).toBe('episode open')
      await expect.poll(() => page.textContent('.source .reading')).toBe('5 · 5× threshold')
      await expect.poll(() => pixelsOf(page, '--alarm')).toBeGreaterThan(calm + 400)
      await expect.poll(() => page.textContent('[data-figure=open]')).toBe('1')
      expect(await page.textContent('#announcer')).toBe('Episode opened on a')
      expect(await page.textContent('#tab-open')).toBe('1')
    })

    it('show what was before the page was opened', async () => {
      const scores = Array.from({ length: 100 }, (_, i) => ({
        ...{ time: START + i * 500, duration: 1, score: 0.5, threshold: 1, anomalous: false, windows: 1 },
      }))
      await start({
        routes: {
          'GET /v1/sources': () => ({ body: { sources: [sourceJson('a')], next: null } }),
          'GET /v1/sources/{name}/scores': () => ({ body: { scores } }),
        },
      })
      await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(100)
    })

    it('can be read, held and resumed by keyboard', async () => {
      await start()
      daemon.scores('a', 0, 30, at => (at < 29 ? 0.25 : 0.5))
      await page.waitForSelector('.chart canvas')
      await page.focus('.chart')
      await page.keyboard.press('PageUp')
      await expect.poll(() => page.textContent('.reading')).toMatch(/^\d\d:\d\d:\d\d · 0\.25 · 0\.25× threshold$/)
      await page.keyboard.press('Escape')
      await expect.poll(() => page.textContent('.reading')).toBe('0.5 · 0.5× threshold')
      await page.keyboard.press('p')
      expect(await page.getAttribute('.pause', 'aria-pressed')).toBe('true')
      expect(await page.textContent('.pause')).toBe('Resume')
      await expect.poll(() => page.getAttribute('.chart', 'aria-label')).toContain('Latest 0.5, threshold 1, normal')
    })

    it('lead to the episode that is clicked', async () => {
      const json = { ...episodeToJson(closedEpisode), seq: 1 }
      await start({ episodes: [json as never] })
      // The page that it leads to asks for more of the episode than is told here.
      await page.route('**/v1/episodes/*', route => route.fulfill({ json }))
      await page.route('**/v1/episodes/*/*', route => route.fulfill({ json: {} }))
      daemon.scores('a', 0, 60, at => (at < 59.5 ? 0.5 : 0.4))
      await expect.poll(() => page.textContent('.source .reading')).toBe('0.4 · 0.4× threshold')
      const box = (await page.locator('.chart .u-over').boundingBox())!
      // Its bar is above the line of the threshold.
      await expect.poll(async () => (await stillAt(page, '--alarm')).y, { timeout: 8000 }).toBeLessThan(box.y + 3)
      const { x } = await stillAt(page, '--alarm')
      await page.mouse.click(x, box.y + 40)
      await expect.poll(() => page.evaluate('location.hash')).toBe('#/episode/a%2Ffeed.wav%2F320000')
    })

    it('show a stretch above the threshold closely when it is clicked', async () => {
      await start()
      daemon.scores('a', 0, 60, at => (at >= 59.5 ? 0.4 : at >= 20 && at < 22 ? 3 : 0.5))
      await expect.poll(() => page.textContent('.source .reading')).toBe('0.4 · 0.4× threshold')
      const { x, y } = await stillAt(page, '--alarm')
      await page.mouse.click(x, y + 10)
      await expect.poll(() => page.isChecked('.span input[value="30"]')).toBe(true)
      expect(await page.textContent('.pause')).toBe('Resume')
      expect(await page.evaluate('location.hash')).toBe('')
    })

    it('can be dragged back in time', async () => {
      await start()
      daemon.scores('a', 0, 200, at => (at < 60 ? 5 : at < 199.5 ? 0.5 : 0.4))
      await expect.poll(() => page.textContent('.source .reading')).toBe('0.4 · 0.4× threshold')
      await stillAt(page, '--alarm')
      const calm = await pixelsOf(page, '--alarm')
      const box = (await page.locator('.chart .u-over').boundingBox())!
      await page.mouse.move(box.x + 50, box.y + 50)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width - 10, box.y + 60, { steps: 5 })
      await page.mouse.up()
      await expect.poll(() => pixelsOf(page, '--alarm')).toBeGreaterThan(calm + 400)
      expect(await page.textContent('.pause')).toBe('Resume')
      await page.click('.pause')
      await expect.poll(() => pixelsOf(page, '--alarm')).toBeLessThan(calm + 100)
    })

    it('say that the feed is ahead of the clock, and only then', async () => {
      await start()
      const now = (Date.now() - START) / 1000
      daemon.scores('a', now - 20, now, 0.5)
      await expect.poll(() => page.textContent('.source .reading')).toContain('0.5')
      expect(await page.isVisible('#feed-time')).toBe(false)
      daemon.scores('a', now + 100, now + 110, 0.5)
      await expect.poll(() => page.isVisible('#feed-time')).toBe(true)
    })

    it('have names that are taken as text, not as markup', async () => {
      const name = '<img src=x onerror=alert(1)>'
      await start()
      daemon.scores(name, 0, 2, 0.5)
      await expect.poll(() => page.textContent('.source h3')).toBe(name)
      expect(await page.locator('.source img').count()).toBe(0)
      await page.click('.source h3 a')
      await expect.poll(() => page.textContent('.source-bar h2')).toBe(name)
    })

    it('survive a feed whose clock jumps, and a computer whose clock does', async () => {
      await start()
      daemon.scores('a', 0, 30, 0.5)
      await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(100)
      const day = 86_400
      daemon.scores('a', day, day + 30, 0.25)
      await expect.poll(() => page.textContent('.reading')).toBe('0.25 · 0.25× threshold')
      await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(100)
      daemon.scores('a', 40, 70, 0.4)
      await expect.poll(() => page.textContent('.reading')).toBe('0.4 · 0.4× threshold')
      await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(200)
      for (const time of [START - 1000 * day, START + 1000 * day]) {
        await page.clock.setFixedTime(time)
        daemon.scores('a', 70, 75, 0.3)
        await expect.poll(() => page.textContent('.reading')).toBe('0.3 · 0.3× threshold')
        await expect.poll(() => pixelsOf(page, '--score')).toBeGreaterThan(200)
      }
      expect(await page.getAttribute('#connection', 'data-state')).toBe('live')
    })
  })

  describe('two hundred', () => {
    const names = Array.from({ length: 200 }, (_, i) => `line-${1 + (i % 4)}/pump-${i + 1}`)
    const infos = names.map((name, i) =>
      sourceJson(
        name,
        i === 150
          ? { state: 'down', reason: 'the device is gone' }
          : i === 151
            ? { conditions: { silence: 'nothing is heard' } }
            : {},
      ),
    )
    const loud = names[120]
    const shown = () => page.locator('.source-row .source-link').allTextContents()

    beforeEach(async () => {
      const episode = episodeToJson({ ...openEpisode, source: names[99] })
      await start({
        routes: { 'GET /v1/sources': () => ({ body: { sources: infos, next: null } }) },
        episodes: [{ ...episode, seq: 1 } as never],
        info: { sources: names },
      })
      for (const name of names) daemon.scores(name, 0, 20, name === loud ? 3 : 0.5)
      await expect.poll(() => page.locator('.source-row').count()).toBe(200)
    })

    it('come worst first, without a request for each', async () => {
      await expect.poll(async () => (await shown()).slice(0, 4)).toEqual([names[99], names[150], names[151], loud])
      expect(await page.textContent('.source-row .state')).toBe('episode open')
      expect(await page.textContent('.tools p')).toBe('200 sources')
      await expect.poll(() => page.textContent('[data-figure=up]')).toBe('199 of 200')
      const script = `performance.getEntriesByType('resource').map(each => each.name)`
      const requests = (await page.evaluate(script)) as string[]
      expect(requests.filter(name => name.includes('/v1/sources/'))).toEqual([])
    })

    it('are filtered by name and state, and sorted', async () => {
      await page.keyboard.press('/')
      await page.keyboard.type('LINE-2 pump-1')
      const found = names.filter(name => name.includes('line-2') && name.includes('pump-1'))
      await expect.poll(async () => (await shown()).length).toBe(found.length)
      expect(await page.textContent('.tools p')).toBe(`${found.length} of 200`)
      await page.fill('.tools input', '')
      await page.selectOption('select[aria-label=State]', 'trouble')
      expect(await shown()).toEqual([names[150], names[151]])
      expect(await page.textContent('.source-row .mark')).toBe('silent')
      await page.selectOption('select[aria-label=State]', 'all')
      await page.selectOption('select[aria-label=Order]', 'name')
      expect((await shown()).slice(0, 3)).toEqual(['line-1/pump-1', 'line-1/pump-5', 'line-1/pump-9'])
      await page.selectOption('select[aria-label=Order]', 'ratio')
      expect((await shown())[0]).toBe(loud)
      await page.fill('.tools input', 'nothing like this')
      expect(await page.textContent('.source-table .empty')).toBe('No source is like that.')
    })

    it('draw those that are seen, and lead to the source by keyboard', async () => {
      await expect.poll(() => pixelsOf(page, '--score', `[data-source="${names[150]}"] .spark`)).toBeGreaterThan(10)
      await expect.poll(() => pixelsOf(page, '--alarm', `[data-source="${loud}"] .spark`)).toBeGreaterThan(10)
      expect(await pixelsOf(page, '--score', `[data-source="${names[199]}"] .spark`)).toBe(0)
      await page.locator(`[data-source="${names[199]}"]`).scrollIntoViewIfNeeded()
      await expect.poll(() => pixelsOf(page, '--score', `[data-source="${names[199]}"] .spark`)).toBeGreaterThan(10)
      await page.selectOption('select[aria-label=Order]', 'name')
      await page.locator('.source-link').first().focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await expect.poll(() => page.textContent('.source-bar h2')).toBe('line-1/pump-5')
    })
  })
})
