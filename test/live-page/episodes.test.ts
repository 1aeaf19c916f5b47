import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import type { StoredEpisode } from '../../src/stream/store/event-store.ts'
import type { Episode } from '../../src/types.ts'
import { executablePath, PageDaemon, START, useBrowser } from '../helpers/live-page.ts'
import { closedEpisode, openEpisode } from '../helpers/page-data.ts'
import { episodeRoutes, openFiles } from '../helpers/page-evidence.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const cluster: Episode['cluster'] = {
  ...{ id: 3, key: 'k', label: 'belt squeal', distance: 0.7, radius: 2, episodes: 4 },
  ...{ firstAt: START - 9000, lastAt: START - 5000, exemplars: ['a/feed.wav/0'] },
}
const explanation: Episode['explanation'] = {
  ...{ window: 'w', time: START + 22_000, score: 7.5, summary: '62 % of the residual at 1.2–1.5 kHz' },
  contributors: [],
}
const stored = (seq: number, changes: Partial<Episode> = {}): StoredEpisode => ({
  ...{ ...closedEpisode, id: `a/feed.wav/${seq}`, openedAt: START + seq * 1000, seq },
  ...changes,
})

describe.skipIf(!executablePath)('the list of episodes', () => {
  const { folder } = temporaryFolder()
  const browser = useBrowser()
  let daemon: PageDaemon
  let page: Page
  let problems: string[]

  const show = async (episodes: StoredEpisode[], options: Parameters<typeof browser.open>[1] = {}) => {
    daemon = new PageDaemon({ routes: episodeRoutes(episodes, await openFiles(folder)) })
    await daemon.start()
    ;({ page, problems } = await browser.open(daemon, { hash: '#/episodes', ...options }))
    await page.waitForSelector('.episode-list li, .episodes .empty:not([hidden])')
  }
  afterEach(async () => {
    await page.close()
    await daemon.stop()
    expect(problems).toEqual([])
  })
  const ids = () => page.$$eval('.episode-list li', rows => rows.map(row => row.getAttribute('data-episode')))

  it('says what is so of each, the open ones on top', async () => {
    await show([
      stored(9, { acknowledged: { who: 'ada', at: START, note: 'is known' } }),
      stored(8, { muted: { id: 'm1', reason: 'false_alarm' }, cluster }),
      stored(5, { state: 'open', closedAt: undefined, closeReason: undefined, explanation, cluster }),
    ])
    expect(await ids()).toEqual(['a/feed.wav/5', 'a/feed.wav/9', 'a/feed.wav/8'])
    const [open, seen, muted] = await page.locator('.episode-list li').allTextContents()
    expect(open).toContain('open')
    expect(open).toContain('62 % of the residual at 1.2–1.5 kHz')
    expect(open).toContain('belt squeal')
    expect(open).toContain('7.5×')
    expect(seen).toContain('closed')
    expect(seen).toContain('seen by ada')
    expect(muted).toContain('false alarm')
  })

  it('keeps its rows where an episode opens, goes on and closes', async () => {
    await show([stored(1)])
    await page.evaluate(`document.querySelector('.episode-list li').kept = true`)
    daemon.episode('opened', openEpisode)
    await expect.poll(ids).toEqual([openEpisode.id, 'a/feed.wav/1'])
    const row = page.locator(`[data-episode="${openEpisode.id}"]`)
    await row.locator('a').focus()
    daemon.scores('a', 20, 30, 5)
    await expect.poll(() => row.locator('.episode-lasted').textContent(), { timeout: 4000 }).toBe('lasted 10.5 s')
    daemon.episode('updated', { ...openEpisode, windows: 9, peakScore: 9 })
    await expect.poll(() => row.locator('.episode-peak').textContent()).toBe('peak 9×')
    daemon.episode('closed', closedEpisode)
    await expect.poll(() => row.getAttribute('data-state')).toBe('closed')
    expect(await row.locator('.episode-lasted').textContent()).toBe('lasted 11.5 s')
    // What comes late does not open it again.
    daemon.episode('updated', { ...openEpisode, windows: 10 })
    daemon.episode('opened', { ...openEpisode, id: 'a/other', openedAt: START + 30_000 })
    await expect.poll(ids).toEqual(['a/other', openEpisode.id, 'a/feed.wav/1'])
    expect(await row.getAttribute('data-state')).toBe('closed')
    expect(await page.evaluate(`document.activeElement.closest('li').dataset.episode`)).toBe(openEpisode.id)
    expect(await page.evaluate(`document.querySelector('[data-episode="a/feed.wav/1"]').kept`)).toBe(true)
  })

  it('can be narrowed, and the address says to what', async () => {
    await show([
      stored(4, { state: 'open', closedAt: undefined }),
      stored(3, { acknowledged: { who: 'ada', at: START } }),
      stored(2, { muted: { id: 'm1', reason: 'mute' } }),
      stored(1),
    ])
    await page.click('[data-chip=new]')
    await expect.poll(ids).toEqual(['a/feed.wav/4', 'a/feed.wav/2', 'a/feed.wav/1'])
    await page.click('[data-chip=loud]')
    await expect.poll(ids).toEqual(['a/feed.wav/4', 'a/feed.wav/1'])
    expect(await page.evaluate('location.hash')).toBe('#/episodes?show=new,loud')
    daemon.episode('acknowledged', { ...stored(1), acknowledged: { who: 'bob', at: START } })
    await expect.poll(ids).toEqual(['a/feed.wav/4'])
    await page.reload()
    await expect.poll(() => page.getAttribute('[data-chip=loud]', 'aria-pressed')).toBe('true')
    await page.click('[data-chip=open]')
    await expect.poll(ids).toEqual(['a/feed.wav/4'])
    daemon.episode('closed', { ...stored(4), closedAt: START + 9000 })
    await expect.poll(() => page.textContent('.episodes .empty')).toBe('None like that.')
  })

  it('keeps what it is told while it waits for an answer that is older', async () => {
    const known = [stored(2), stored(1)]
    await show(known)
    let answer = () => {}
    const wait = new Promise<void>(resolve => {
      answer = resolve
    })
    known.push(stored(0))
    await page.route('**/v1/episodes?*', async route => {
      const response = await route.fetch()
      await wait
      await route.fulfill({ response })
    })
    const asked = page.waitForRequest('**/v1/episodes?*')
    await page.click('[data-chip=new]')
    await asked
    daemon.episode('acknowledged', { ...stored(1), acknowledged: { who: 'bob', at: START } })
    daemon.episode('opened', openEpisode)
    await expect.poll(ids).toEqual([openEpisode.id, 'a/feed.wav/2'])
    answer()
    await expect.poll(ids).toEqual([openEpisode.id, 'a/feed.wav/2', 'a/feed.wav/0'])
  })

  it('is gone through with the arrow keys', async () => {
    await show([stored(3), stored(2), stored(1)])
    await page.focus('.episode-list li a')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate('location.hash')).toBe('#/episode/a%2Ffeed.wav%2F2')
  })

  it('shows thousands page by page, and no more than it can hold', async () => {
    await show(Array.from({ length: 3000 }, (_, i) => stored(3000 - i)))
    expect(await ids()).toHaveLength(50)
    await page.click('text=Show more')
    await expect.poll(async () => (await ids()).length).toBe(100)
    expect((await ids()).at(-1)).toBe('a/feed.wav/2901')
    for (let seq = 3001; seq <= 3600; seq++) daemon.episode('closed', stored(seq))
    await expect.poll(async () => (await ids())[0]).toBe('a/feed.wav/3600')
    for (let i = 0; i < 8; i++) await page.click('text=Show more')
    await page.waitForSelector('text=Older ones are in the history')
    expect(await ids()).toHaveLength(500)
  })

  it('says that there are none', async () => {
    await show([])
    expect(await page.textContent('.episodes .empty')).toBe('None so far. Everything looks normal.')
  })

  it.each(['light', 'dark'] as const)('takes names as text and fits a phone (%s)', async colorScheme => {
    const name = '<img src=x onerror=alert(1)>'
    const like = { ...cluster, label: name }
    const odd = stored(2, { source: name, cluster: like, explanation: { ...explanation, summary: name } })
    await show([{ ...odd, acknowledged: { who: name, at: START } }], { width: 360, height: 740, colorScheme })
    expect(await page.textContent('.episode-source')).toBe(name)
    expect(await page.textContent('.episode-why')).toBe(name)
    expect(await page.textContent('.episode-like')).toBe(name)
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
