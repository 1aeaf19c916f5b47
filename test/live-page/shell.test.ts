import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { episodeToJson } from '../../src/stream/episode-json.ts'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'
import { openEpisode, sourceJson } from '../helpers/page-data.ts'
import { contrasts } from '../helpers/page-pixels.ts'

const NAME = 'a-source-with-a-rather-long-name/of-some-line'
const PAGES = ['', `#/source/${encodeURIComponent(NAME)}`, '#/episodes', '#/history', '#/map', '#/audit', '#/health']

describe.skipIf(!executablePath)('the frame of the live page', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  beforeEach(async () => {
    const episode = { ...episodeToJson({ ...openEpisode, source: NAME }), seq: 1 } as never
    daemon = new PageDaemon({
      episodes: [episode],
      routes: { 'GET /v1/sources': () => ({ body: { sources: [sourceJson(NAME)], next: null } }) },
    })
    await daemon.start()
  })
  afterEach(() => daemon.stop())

  it('names the model and marks the page that is open', async () => {
    const { page, problems } = await browser.open(daemon, { hash: '#/health' })
    expect(await page.textContent('#bundle')).toBe('fan')
    await expect.poll(() => page.textContent('.tabs [aria-current=page]')).toBe('Health')
    expect(await page.title()).toContain('Health')
    await page.click('.tabs >> text=Live')
    await expect.poll(() => page.textContent('.tabs [aria-current=page]')).toBe('Live')
    await page.evaluate(`location.hash = '#/nowhere'`)
    await expect.poll(() => page.textContent('main')).toBe('There is no such page.')
    expect(problems).toEqual([])
    await page.close()
  })

  it('shows how the daemon does', async () => {
    const { page, problems } = await browser.open(daemon, { hash: '#/health' })
    await expect.poll(() => page.textContent('[data-figure=p99]')).toBe('48 ms')
    expect(await page.textContent('[data-figure=rate]')).toBe('6.3')
    await expect.poll(() => page.textContent('.verdict')).toBe('Everything works')
    expect(await page.textContent('.health-page .account')).toBe(
      '12,000 windows received = 11,980 scored + 4 dropped + 0 failed + 16 in flight',
    )
    expect(await page.textContent('.health-page')).toContain('1:01:01')
    expect(problems).toEqual([])
    await page.close()
  })

  it('can be gone through by keyboard', async () => {
    const { page, problems } = await browser.open(daemon)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    const reached = new Set<string>()
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate('document.activeElement.className || document.activeElement.name'))
      expect(await page.evaluate(`document.activeElement.matches(':focus-visible, body')`)).toBe(true)
    }
    for (const what of ['pause', 'source-link', 'chart', 'episode']) expect([...reached].join(' ')).toContain(what)
    expect(problems).toEqual([])
    await page.close()
  })

  it.each(PAGES)('fits a phone: %s', async hash => {
    const { page, problems } = await browser.open(daemon, { hash, width: 360, height: 740 })
    daemon.scores(NAME, 0, 30, 0.5)
    await page.waitForSelector('main > *')
    await page.waitForTimeout(300)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    const tooSmall = await page.evaluate(`[...document.querySelectorAll('.tabs a, main button')]
      .filter(each => each.offsetParent && each.getBoundingClientRect().height < 24).map(each => each.outerHTML)`)
    expect(tooSmall).toEqual([])
    expect(problems.filter(each => !each.includes('404'))).toEqual([])
    await page.close()
  })

  it.each(['light', 'dark'] as const)('has enough contrast in %s', async colorScheme => {
    const { page } = await browser.open(daemon, { colorScheme })
    const texts = ['--ink', '--muted', '--alarm', '--accent', '--score', '--good', '--warn']
    const pairs = texts.flatMap(text => [[text, '--panel'] as const, [text, '--page'] as const])
    const inks = [['--accent-ink', '--accent'] as const, ['--alarm-ink', '--alarm'] as const]
    const ratios = await contrasts(page, [...pairs, ...inks])
    expect(Object.keys(ratios)).toHaveLength(16)
    for (const [name, ratio] of Object.entries(ratios)) expect(ratio, name).toBeGreaterThanOrEqual(4.5)
    await page.close()
  })
})
