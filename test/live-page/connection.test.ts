import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { episodeToJson } from '../../src/stream/episode-json.ts'
import { FlakyNetwork } from '../helpers/flaky-network.ts'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'
import { MemoryHistory } from '../helpers/memory-history.ts'
import { closedEpisode, openEpisode, sourceJson } from '../helpers/page-data.ts'

const RECONNECTS = { timeout: 20_000 }

describe.skipIf(!executablePath)('the connection of the live page', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let page: Page
  let problems: string[]

  beforeEach(async () => {
    daemon = new PageDaemon()
    await daemon.start()
    const opened = await browser.open(daemon)
    page = opened.page
    problems = opened.problems
  })
  afterEach(async () => {
    await page.close()
    await daemon.stop()
  })

  const openCount = () => page.textContent('[data-figure=open]')
  /** The daemon goes, and comes again at the same port. */
  const restart = async (options: ConstructorParameters<typeof PageDaemon>[0], meanwhile = () => {}) => {
    const { port } = daemon
    await daemon.stop()
    await page.waitForSelector('#connection[data-state=waiting]')
    meanwhile()
    daemon = new PageDaemon({ port, ...options })
    await daemon.start()
    await page.waitForSelector('#connection[data-state=live]', RECONNECTS)
  }

  it('says how it is, and comes back by itself', async () => {
    expect(await page.textContent('#connection')).toBe('Live')
    await restart({ history: daemon.history })
    await expect.poll(() => page.textContent('#banner span')).toBe('Reconnected, nothing was missed')
    expect(await page.isVisible('#retry')).toBe(false)
    daemon.scores('a', 0, 3, 0.5)
    await expect.poll(() => page.locator('.source .reading').allTextContents()).toEqual(['0.5 · 0.5× threshold'])
    // What a browser writes of a server that is not there.
    expect(problems.filter(each => !/ERR_CONNECTION_REFUSED|WebSocket/.test(each))).toEqual([])
  })

  it('loads a page that could not be loaded while the daemon was gone', async () => {
    await page.route('**/map/map-page.js', route => route.abort())
    await page.reload()
    await page.waitForSelector('#connection[data-state=live]')
    await page.click('.tabs >> text=Map')
    await expect.poll(() => page.textContent('main')).toContain('This page could not be loaded.')
    await page.unroute('**/map/map-page.js')
    await restart({ history: daemon.history })
    await expect.poll(() => page.textContent('main h2')).toContain('Map')
  })

  it('says that it is broken, and can be told to try at once', async () => {
    const { port } = daemon
    await daemon.stop()
    await page.waitForSelector('#connection[data-state=waiting]')
    await expect.poll(() => page.textContent('#connection')).toMatch(/^Disconnected, retry in \d+ s$/)
    expect(await page.getAttribute('#connection', 'title')).toBe('the daemon stops')
    expect(await page.isVisible('#retry')).toBe(true)
    // The longer it is gone the longer the page waits between its attempts.
    await page.waitForTimeout(4000)
    daemon = new PageDaemon({ port })
    await daemon.start()
    await page.click('#retry')
    await page.waitForSelector('#connection[data-state=live]', { timeout: 2000 })
  })

  it('catches up what it missed, once each and in order', async () => {
    daemon.episode('opened', openEpisode)
    await expect.poll(openCount).toBe('1')
    const other = { ...openEpisode, id: 'b/feed.wav/0', source: 'b' }
    const { history } = daemon
    const events = [
      { type: 'episode.closed' as const, eventId: 'x', episode: closedEpisode },
      { type: 'episode.opened' as const, eventId: 'y', episode: other },
    ]
    const told = page.evaluate(`new Promise(resolve => {
      const seen = []
      new MutationObserver(() => seen.push(document.querySelector('#announcer').textContent))
        .observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true })
      setTimeout(() => resolve(seen), 5000)
    })`)
    await restart({ history, episodes: [episodeToJson(other), episodeToJson(closedEpisode)] }, () =>
      events.map(event => history.add(event)),
    )
    await expect.poll(() => page.textContent('#banner span')).toBe('Reconnected, caught up 2 events')
    await expect.poll(openCount).toBe('1')
    expect(await page.textContent('.episode-list [data-state=open]')).toContain('b')
    // What is over is not announced as if it were now.
    expect(await told).toEqual([])
    daemon.episode('closed', { ...other, state: 'closed', closedAt: other.lastAt, closeReason: 'recovered' })
    await expect.poll(openCount).toBe('0')
  })

  it('says how many events are gone', async () => {
    for (let i = 0; i < 3; i++) daemon.episode('updated', { ...openEpisode, windows: 3 + i })
    await expect.poll(openCount).toBe('1')
    const { history } = daemon
    await restart({ history, episodes: [] }, () => {
      for (let i = 0; i < 10; i++) {
        history.add({ type: 'episode.updated', eventId: `${i}`, episode: { ...openEpisode, windows: 10 + i } })
      }
      history.forget(9)
    })
    const text = '5 events are gone: they were deleted before they could be read; caught up 5 events'
    await expect.poll(() => page.textContent('#banner span')).toBe(text)
    expect(await page.getAttribute('#banner', 'data-kind')).toBe('warn')
    await page.click('#banner button')
    expect(await page.isVisible('#banner')).toBe(false)
  })

  it('drops an open episode that a daemon with another store does not know', async () => {
    daemon.episode('opened', openEpisode)
    await expect.poll(openCount).toBe('1')
    await restart({ history: new MemoryHistory('another') })
    await expect
      .poll(() => page.textContent('#banner span'))
      .toBe('The daemon has begun a new event store; caught up 0 events')
    await expect.poll(openCount).toBe('0')
    await page.waitForSelector('.live-episodes .empty')
  })

  it('fills the hole in a chart from what the daemon remembers', async () => {
    daemon.scores('a', 0, 20, 0.5)
    await page.click('.source h3 a')
    await expect.poll(() => page.textContent('.effect')).toContain('of the 40 scores')
    const scores = Array.from({ length: 80 }, (_, i) => ({
      ...{
        time: closedEpisode.openedAt - 20_000 + i * 500,
        duration: 1,
        score: 3,
        threshold: 1,
        anomalous: true,
        windows: 1,
      },
    }))
    await restart({
      history: daemon.history,
      routes: {
        'GET /v1/sources': () => ({ body: { sources: [sourceJson('a')], next: null } }),
        'GET /v1/sources/{name}/scores': () => ({ body: { scores } }),
      },
    })
    // The forty of before stay as they were seen, and forty of the eighty are new.
    await expect.poll(() => page.textContent('.effect')).toBe('40 of the 80 scores shown are above it.')
  })
})

describe.skipIf(!executablePath)('a connection that has died without a word', () => {
  const browser = useBrowser()

  it('is noticed after three heartbeats, and made anew', async () => {
    const daemon = new PageDaemon({ heartbeatSeconds: 1 })
    await daemon.start()
    const network = new FlakyNetwork(daemon.port)
    await network.start()
    const { page } = await browser.open(network)
    daemon.scores('a', 0, 10, 0.5)
    await expect.poll(() => page.textContent('.source .reading')).toContain('0.5')
    // Heartbeats keep it alive while nothing else comes.
    await expect.poll(() => page.textContent('#connection'), { timeout: 8000 }).toBe('Connected, no new windows')
    network.freeze()
    daemon.episode('opened', openEpisode)
    await expect.poll(() => page.textContent('#banner span'), RECONNECTS).toBe('Reconnected, caught up 1 event')
    await expect.poll(() => page.textContent('[data-figure=open]')).toBe('1')
    await page.close()
    await network.stop()
    await daemon.stop()
  })
})
