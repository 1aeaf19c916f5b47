import type { CDPSession, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { executablePath, PageDaemon, START, useBrowser } from '../helpers/live-page.ts'
import { closedEpisode, sourceJson } from '../helpers/page-data.ts'

const NOON = 12
const NIGHT = 24
/** The page says how far it has come so often: the test must not run ahead of it. */
const STEP_MINUTES = 20
const MEBIBYTE = 2 ** 20

/** MiB that JavaScript holds once all that can be collected is, and how many nodes and listeners there are. */
async function held(session: CDPSession) {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage')
  const usage: { usedSize: number; backingStorageSize?: number } = await session.send('Runtime.getHeapUsage')
  const { metrics } = await session.send('Performance.getMetrics')
  const metric = (name: string) => metrics.find(each => each.name === name)!.value
  const mebibytes = (usage.usedSize + (usage.backingStorageSize ?? 0)) / MEBIBYTE
  return { mebibytes, nodes: metric('Nodes'), listeners: metric('JSEventListeners') }
}

/** Hours of a source with a score a second and an episode each minute, as fast as the page takes them. */
async function play(daemon: PageDaemon, page: Page, fromHour: number, toHour: number): Promise<void> {
  for (let minute = 60 * fromHour; minute < 60 * toHour; minute++) {
    for (let i = 0; i < 60; i++) daemon.score('a', 60 * minute + i, i < 10 ? 3 : 0.5)
    const openedAt = START + 60_000 * minute
    const end = openedAt + 10_000
    const episode = { ...closedEpisode, id: `a/feed.wav/${minute}`, openedAt, lastAt: end, closedAt: end }
    const { closedAt: _, closeReason: __, ...open } = episode
    daemon.episode('opened', { ...open, state: 'open', windows: 3 })
    daemon.episode('closed', episode)
    daemon.history.forget(daemon.history.last - 100)
    if ((minute + 1) % STEP_MINUTES > 0) continue
    await page.locator(`.live-episodes a[href$="${encodeURIComponent(episode.id)}"]`).waitFor({ state: 'attached' })
  }
}

describe.skipIf(!executablePath)('a page that is kept open for a day', () => {
  const browser = useBrowser()

  it('holds no more at night than it did at noon', { timeout: 240_000 }, async () => {
    const daemon = new PageDaemon({
      routes: { 'GET /v1/sources': () => ({ body: { sources: [sourceJson('a')], next: null } }) },
    })
    await daemon.start()
    const { page, problems } = await browser.open(daemon)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    await play(daemon, page, 0, NOON)
    const noon = await held(session)
    await play(daemon, page, NOON, NIGHT)
    const night = await held(session)
    expect(night.mebibytes).toBeLessThan(noon.mebibytes + 1)
    expect(night.nodes).toBeLessThan(noon.nodes + 500)
    expect(night.listeners).toBeLessThan(noon.listeners + 100)
    expect(night.mebibytes).toBeLessThan(40)
    expect(problems).toEqual([])
    await page.close()
    await daemon.stop()
  })
})
