import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { executablePath, useBrowser } from '../helpers/live-page.ts'
import { type RealDaemon, realDaemon } from '../helpers/real-page.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { until } from '../helpers/until.ts'

const ODD = '<b>line 2</b>/ü&?#'
/** Sources with seven episodes each, together more than a page. */
const LINES = Array.from({ length: 8 }, (_, i) => `line-${i}`)
const MANY = 7 * LINES.length

/** Against the whole daemon, with its store and exports. */
describe.skipIf(!executablePath)('the history on the live page', () => {
  const { folder } = temporaryFolder()
  const browser = useBrowser()
  let real: RealDaemon
  let odd: EpisodeJson
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    real = await realDaemon(`${folder}/events.db`, [...LINES, 'pump', ODD])
    for (const [i, line] of LINES.entries()) {
      for (let k = 0; k < 7; k++) real.play(line, ...Array(3).fill(2 + i / 10 + k / 100), ...Array(12).fill(0.1))
    }
    const stored = async () => (await real.get<{ episodes: object[] }>('/v1/episodes?state=closed&limit=1000')).episodes
    await until(async () => (await stored()).length === MANY)
    odd = await real.fault(ODD, 9)
    real.play('pump', 0.5, ...Array(7).fill(5))
    const updates = async () => (await real.get<{ events: object[] }>('/v1/events?source=pump&kind=episode')).events
    await until(async () => (await updates()).length === 6)
    await fetch(`${real.address}/v1/episodes/${encodeURIComponent(odd.id)}/acknowledge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"who":"ada","note":"<i>seen</i>"}',
    })
  })
  afterAll(() => real.daemon.stop())
  const open = async (hash: string, options = {}) => {
    ;({ page, problems } = await browser.open(real, { hash, ...options }))
    await page.waitForSelector('.paged li, .history .empty:not([hidden])')
  }
  afterEach(async () => {
    await page.close()
    // The fake model explains nothing, so episodes have no evidence; the browser itself tells what was not there.
    expect(problems.filter(each => !/status of 404/.test(each))).toEqual([])
  })
  const sources = () => page.locator('.paged .episode-source').allTextContents()
  const hash = () => page.evaluate('location.hash')
  const ids = () => page.$$eval('.paged li', rows => rows.map(row => row.getAttribute('data-episode')))
  const peaks = () => page.locator('.paged .episode-peak b').allTextContents()

  it('goes through pages, forth and back', async () => {
    await open('#/history?state=closed')
    const first = await ids()
    expect(first).toHaveLength(50)
    expect(await page.isDisabled('text=← Newer')).toBe(true)
    await page.click('text=Older →')
    await expect.poll(ids).toHaveLength(MANY + 1 - 50)
    const second = await ids()
    expect(new Set([...first, ...second]).size).toBe(MANY + 1)
    expect(await hash()).toMatch(/^#\/history\?state=closed&before=\d+$/)
    expect(await page.isDisabled('text=Older →')).toBe(true)
    await page.click('text=← Newer')
    await expect.poll(ids).toEqual(first)
    expect(await page.isDisabled('text=Newest')).toBe(true)
    await page.goBack()
    await expect.poll(ids).toEqual(second)
    await page.click('text=Newest')
    await expect.poll(hash).toBe('#/history?state=closed')
  })

  it('finds by source, score and what was decided, and puts it into the address', async () => {
    await open('#/history')
    expect((await sources()).slice(0, 2)).toEqual(['pump', ODD])
    await page.fill('[name=source]', ODD)
    await expect.poll(sources).toEqual([ODD])
    expect(await hash()).toBe(`#/history?${new URLSearchParams({ source: ODD })}`)
    await page.click('text=Clear')
    await expect.poll(async () => (await sources()).length).toBe(50)
    await page.fill('[name=min_score]', '2.755')
    await expect.poll(peaks).toEqual(['5×', '9×', '2.8×'])
    await page.selectOption('[name=state]', 'closed')
    await expect.poll(peaks).toEqual(['9×', '2.8×'])
    await page.selectOption('[name=acknowledged]', 'true')
    await expect.poll(peaks).toEqual(['9×'])
    expect(await hash()).toBe('#/history?min_score=2.755&state=closed&acknowledged=true')
    await page.reload()
    await expect.poll(peaks).toEqual(['9×'])
    expect(await page.inputValue('[name=min_score]')).toBe('2.755')
    expect(await page.textContent('.filters-panel summary')).toBe('Filters (3)')
    await page.selectOption('[name=muted]', 'true')
    await expect.poll(() => page.textContent('.history .empty')).toBe('Nothing is kept that is like that.')
  })

  it('finds by time and by what it is like', async () => {
    const local = (ms: number) => {
      const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
      return date.toISOString().slice(0, 19)
    }
    await open('#/history?min_score=9')
    await page.selectOption('[name=when]', 'between')
    await page.fill('[name=since]', local(odd.opened_at + 60_000))
    await expect.poll(sources).toEqual([])
    await page.fill('[name=until]', local(odd.opened_at + 5000))
    await page.fill('[name=since]', local(odd.opened_at - 5000))
    await expect.poll(sources).toEqual([ODD])
    await page.selectOption('[name=when]', '3600')
    await expect.poll(hash).toBe('#/history?last=3600&min_score=9')
    await expect.poll(sources).toEqual([ODD])
    await page.fill('[name=cluster]', String(odd.cluster!.id))
    await expect.poll(hash).toBe(`#/history?last=3600&cluster=${odd.cluster!.id}&min_score=9`)
    await expect.poll(sources).toEqual([ODD])
    await page.fill('[name=cluster]', 'nothing of this name')
    await expect
      .poll(() => page.evaluate(`document.querySelector('[name=cluster]').validationMessage`))
      .toBe('there is no cluster of this name')
    expect(await sources()).toEqual([ODD])
  })

  it.each([
    ['csv', 3],
    ['jsonl', 2],
  ])('exports all that is meant as %s', async (format, lines) => {
    await open('#/history?min_score=4')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-format=${format}]`)])
    expect(download.suggestedFilename()).toMatch(new RegExp(`^auscult-episodes-.*\\.${format}$`))
    const content = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n')
    expect(content).toHaveLength(lines)
    expect(content.at(-2)).toContain(JSON.stringify(ODD).slice(1, -1))
  })

  it('shows changes of all kinds, updates of an episode as one', async () => {
    await open(`#/history?show=changes&source=${encodeURIComponent(ODD)}`)
    const names = () => page.locator('.change-name').allTextContents()
    expect(await names()).toEqual(expect.arrayContaining(['decided', 'seen', 'closed', 'opened']))
    await page.check('[value=decision]')
    await expect.poll(names).toEqual(['decided'])
    expect(await hash()).toContain('show=changes&')
    expect(await page.textContent('.change-text')).toBe(`ada: saw an episode of ${ODD} (<i>seen</i>) Episode`)
    await page.check('[value=episode]')
    await expect.poll(async () => (await names()).length).toBeGreaterThan(3)
    expect(await page.getAttribute('[data-format=csv]', 'href')).toContain('/v1/export/events?format=csv&')
    await page.fill('[name=source]', 'pump')
    await expect.poll(names).toEqual(['goes on', 'opened'])
    const run = await page.textContent('.change-text')
    expect(run).toBe('7 windows so far, peak 5× (the last of 5 updates) Episode')
    await page.goto(`${real.address}/#/history?show=changes&source=${encodeURIComponent(ODD)}&kind=decision`)
    await page.click('.change-text a')
    await expect.poll(hash).toBe(`#/episode/${encodeURIComponent(odd.id)}`)
  })

  it('tells that there is something new, and moves nothing', async () => {
    await open(`#/history?show=changes&kind=decision`)
    expect(await page.isVisible('.fresh')).toBe(false)
    const before = await page.locator('.change').count()
    await fetch(`${real.address}/v1/mutes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"source":"pump","seconds":60}',
    })
    await page.click('.fresh')
    await expect.poll(() => page.locator('.change').count()).toBe(before + 1)
    expect(await page.textContent('.change-text')).toContain('127.0.0.1: muted pump: until')
    expect(await page.isVisible('.fresh')).toBe(false)
  })

  it.each(['episodes', 'changes'])('takes names as text and fits a phone (%s)', async show => {
    await open(`#/history?show=${show}&source=${encodeURIComponent(ODD)}`, { width: 360, height: 740 })
    await expect.poll(() => page.textContent('.paged li')).toContain(ODD)
    expect(await page.locator('.paged :is(b b, i:not([class]))').count()).toBe(0)
    expect(await page.getAttribute('.filters-panel', 'open')).toBeNull()
    await page.click('.filters-panel summary')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
