import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EvidenceFiles } from '../../src/stream/evidence/evidence-files.ts'
import type { StoredEpisode } from '../../src/stream/store/event-store.ts'
import type { Episode } from '../../src/types.ts'
import { executablePath, PageDaemon, START, useBrowser } from '../helpers/live-page.ts'
import { closedEpisode, openEpisode } from '../helpers/page-data.ts'
import { episodeRoutes, keep, openFiles } from '../helpers/page-evidence.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const cluster: Episode['cluster'] = {
  ...{ id: 3, key: 'k', label: 'belt squeal', distance: 0.7, radius: 2, episodes: 4 },
  ...{ firstAt: START - 9000, lastAt: START - 5000, exemplars: ['a/feed.wav/0'] },
}
const explanation: Episode['explanation'] = {
  ...{ window: 'w', time: START + 22_000, score: 7.5, summary: '62 % of the residual at 1.2–1.5 kHz' },
  contributors: [],
}
const explained = { ...closedEpisode, cluster, explanation }

describe.skipIf(!executablePath)('the page of an episode', () => {
  const { folder } = temporaryFolder()
  const evidence = join(folder, 'evidence')
  const browser = useBrowser()
  let files: EvidenceFiles
  let daemon: PageDaemon
  let page: Page
  let problems: string[]
  let allowed: RegExp | undefined

  beforeEach(async () => {
    rmSync(evidence, { recursive: true, force: true })
    files = await openFiles(folder)
    allowed = undefined
  })
  const open = async (
    episode: Episode,
    options: Parameters<typeof browser.open>[1] = {},
    more: StoredEpisode[] = [],
  ) => {
    daemon = new PageDaemon({ routes: episodeRoutes([{ ...episode, seq: 1 }, ...more], files) })
    await daemon.start()
    const hash = `#/episode/${encodeURIComponent(episode.id)}`
    ;({ page, problems } = await browser.open(daemon, { hash, ...options }))
  }
  afterEach(async () => {
    await page.close()
    await daemon.stop()
    // What was asked for and is not there is told by the browser itself.
    expect(problems.filter(each => !allowed?.test(each))).toEqual([])
  })
  const text = (selector: string) => page.textContent(selector)
  const sizes = () =>
    page.evaluate(`[...document.querySelectorAll('.matrix-canvas')].map(({ width, height }) => [width, height])`)

  it('keeps what it is told while it waits for an answer that is older', async () => {
    await keep(files, explained, 'sound')
    await open(explained)
    await page.waitForSelector('.evidence:not([hidden])')
    let answer = () => {}
    const wait = new Promise<void>(resolve => {
      answer = resolve
    })
    await page.route(/v1\/episodes\/[^/]+$/, async route => {
      const response = await route.fetch()
      await wait
      await route.fulfill({ response })
    })
    await page.evaluate(`location.hash = '#/episodes'`)
    const asked = page.waitForRequest(/v1\/episodes\/[^/]+$/)
    await page.evaluate(`history.back()`)
    await asked
    daemon.episode('acknowledged', { ...explained, acknowledged: { who: 'bob', at: START } })
    await expect.poll(() => text('main')).toContain('bob')
    const answered = page.waitForResponse(/v1\/episodes\/[^/]+$/)
    answer()
    await (await answered).finished()
    await page.evaluate('new Promise(resolve => setTimeout(resolve, 50))')
    expect(await text('main')).toContain('bob')
  })

  it('says in plain words what happened, and why', async () => {
    await keep(files, explained, 'sound')
    const other = { ...explained, id: 'b/other/1', source: 'b', seq: 2 }
    await open(explained, {}, [other, { ...other, id: 'c', cluster: undefined, seq: 3 }])
    await page.waitForSelector('.evidence:not([hidden])')
    const story = await text('.story')
    expect(story).toContain('a was not as usual for 11.5 s')
    expect(story).toContain('then scores fell back below the threshold')
    expect(story).toContain('it scored 7.5, 7.5× the threshold of 1: 62 % of the residual at 1.2–1.5 kHz')
    expect(story).toContain('It is the 4th of belt squeal')
    expect(story).toContain('feed.wav, 20.0 s from its start')
    expect(await page.locator('.score-around circle').count()).toBe(41)
    expect(await text('.score-around + output')).toContain('worst window: 7.5, 7.5× threshold')
    const bars = await page.locator('.contributors li').allTextContents()
    expect(bars[0]).toContain('1.2–1.5 kHz62 %12 dB more than expected')
    expect(bars[1]).toContain('3 dB less than expected')
    await expect.poll(() => page.locator('.evidence-part .episode-list li').count()).toBe(1)
    expect(await text('.evidence-part .episode-source')).toBe('b')
  })

  it('draws what came, what was expected and the difference, and tells their values', async () => {
    await keep(files, explained, 'sound')
    await open(explained)
    await page.waitForSelector('.evidence:not([hidden])')
    expect(await sizes()).toEqual(Array(3).fill([10, 16]))
    const ticks = page.evaluate(`[...document.querySelector('.matrix-y').children]
      .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)).map(tick => tick.textContent)`)
    expect(await ticks).toEqual(['2 k', '1 k', '500', '200', '100'])
    expect(await page.locator('.matrix-y').first().getAttribute('data-title')).toBe('Hz')
    const legend = await text('.matrices-legend')
    expect(legend).toContain('came, expected2032 dB')
    expect(legend).toContain('difference−12+12 dB')
    // The loud band is the twelfth from below.
    const frame = page.locator('.matrix-frame').first()
    const { width, height } = (await frame.boundingBox())!
    await frame.hover({ position: { x: width * 0.55, y: height * (1 - 11.5 / 16) } })
    expect(await text('.matrices > output')).toBe('1.34 kHz, 0.275 s: 32 dB came, 20 dB expected, +12 dB')
    await page.locator('.matrix-frame').nth(2).focus()
    await page.keyboard.press('ArrowDown')
    expect(await text('.matrices > output')).toContain('20 dB came, 20 dB expected, 0 dB')
    await page.keyboard.press('Escape')
    expect(await text('.matrices > output')).toContain('Point at a picture')
    const colours = page.evaluate(`[...document.querySelectorAll('.matrix-canvas')].map(canvas => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, 10, 16)
      return new Set(Array.from({ length: 160 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size
    })`)
    expect(await colours).toEqual([2, 1, 2])
  })

  it('plays the clip', async () => {
    await keep(files, explained, 'sound')
    await open(explained)
    await page.waitForSelector('.waveform svg')
    await expect.poll(() => text('.clip-place')).toBe('0.0 of 2.0 s')
    const currentTime = () => page.evaluate(`document.querySelector('audio').currentTime`)
    await page.click('text=Play')
    await expect.poll(currentTime).toBeGreaterThan(0.05)
    expect(await text('.clip-play')).toBe('Stop')
    await page.keyboard.press('p')
    await expect.poll(() => text('.clip-play')).toBe('Play')
    await page.focus('.waveform')
    await page.keyboard.press('End')
    await expect.poll(() => page.getAttribute('.waveform', 'aria-valuetext')).toBe('2.0 of 2.0 s')
    await page.keyboard.press('Home')
    await expect.poll(() => text('.clip-place')).toBe('0.0 of 2.0 s')
    expect(await text('.clip-about')).toBe('2.0 s at 8 kHz. Shaded: the worst window, 1.0 s.')
    expect(await text('.clip-controls')).toContain('louder (5×)')
    await page.check('text=louder')
    await page.click('text=Play')
    await expect.poll(currentTime).toBeGreaterThan(0.05)
    expect(await page.getAttribute('.clip-controls a', 'href')).toContain(
      `/v1/episodes/${encodeURIComponent(explained.id)}/clip`,
    )
  })

  it('goes on while the episode does', async () => {
    const episode = { ...openEpisode, cluster }
    await open(episode)
    await expect
      .poll(() => text('.missing[role=status]'))
      .toContain('Not there yet: the worst window is being explained')
    expect(await text('.story')).toContain('a has not been as usual since')
    expect(await text('.episode-title .pill')).toBe('open')
    await keep(files, episode, 'sound')
    daemon.scores('a', 20, 30, 7.5)
    daemon.episode('updated', { ...episode, explanation, windows: 8 })
    await page.waitForSelector('.evidence:not([hidden])')
    await expect.poll(() => text('.story')).toContain('for 10.5 s so far')
    expect(await text('.facts')).toContain('8 windows')
    daemon.episode('closed', { ...explained, closeReason: 'source_ended' })
    await expect.poll(() => text('.story')).toContain('for 11.5 s from')
    expect(await text('.story')).toContain('then the feed ended')
    expect(await text('.episode-title .pill')).toBe('source ended')
    expect(await page.isVisible('.evidence')).toBe(true)
    daemon.episode('acknowledged', { ...explained, acknowledged: { who: 'bob', note: 'known', at: Date.now() } })
    await expect.poll(() => text('.note')).toBe('bob has seen it, just now: known')
  })

  describe('without its evidence', () => {
    it('says that files were deleted, and stays usable', async () => {
      allowed = /status of 404/
      await keep(files, explained, 'sound')
      for (const name of readdirSync(evidence)) rmSync(join(evidence, name))
      await open(explained)
      await expect.poll(() => text('.missing[role=status]')).toContain('Nothing is kept of this episode.')
      expect(await text('.missing[role=status]')).toContain('deleted')
      expect(await page.isVisible('.evidence')).toBe(false)
      expect(await text('.story')).toContain('It is the 4th of belt squeal')
      expect(await page.isEnabled('[data-action=acknowledge]')).toBe(true)
    })

    it('says that only the clip was deleted', async () => {
      allowed = /status of 404/
      await keep(files, explained, 'sound')
      for (const name of readdirSync(evidence)) if (name.endsWith('.wav')) rmSync(join(evidence, name))
      await open(explained)
      await expect.poll(() => text('.clip .missing')).toBe('The clip cannot be had: nothing is kept of this episode.')
      expect(await sizes()).toHaveLength(3)
      expect(await page.isVisible('.clip-controls')).toBe(false)
    })

    it('says what is wrong with a damaged file, and can try again', async () => {
      allowed = /status of 500/
      await keep(files, explained, 'sound')
      const name = readdirSync(evidence).find(each => each.endsWith('.json'))!
      writeFileSync(join(evidence, name), '{"format":')
      await open(explained)
      const notice = () => text('.missing[role=status]')
      await expect.poll(notice).toContain('the evidence of an episode is damaged, or of another version')
      expect(await notice()).toContain('Delete the file: nothing else depends on it.')
      expect(await notice()).toContain(name)
      await keep(files, explained, 'sound')
      await page.click('text=Try again')
      await page.waitForSelector('.evidence:not([hidden])')
    })

    it('says that an episode is not there', async () => {
      allowed = /status of 404/
      await open(explained)
      await page.evaluate(`location.hash = '#/episode/gone'`)
      await expect.poll(() => text('.missing[role=alert]')).toContain('There is no such episode.')
      expect(await page.isVisible('.episode-body')).toBe(false)
      await page.goBack()
      await expect.poll(() => text('.story')).toContain('a was not as usual')
    })
  })

  it('shows frames by row and column, and gives them out', async () => {
    await keep(files, explained, 'frames')
    await open(explained)
    await page.waitForSelector('.evidence:not([hidden])')
    expect(await sizes()).toEqual(Array(3).fill([20, 12]))
    const frame = page.locator('.matrix-frame').first()
    const { width, height } = (await frame.boundingBox())!
    expect(width / height).toBeCloseTo(20 / 12, 1)
    await frame.hover({ position: { x: 1, y: (height * 3.5) / 12 } })
    expect(await text('.matrices > output')).toBe('row 3, column 0: 32 came, 20 expected, +12')
    expect(await text('.clip-about')).toContain('3 frames of 12 × 20; the worst is number 1')
    expect(await page.isVisible('.clip-play')).toBe(false)
    expect(await page.isVisible('.clip-controls a')).toBe(true)
  })

  it('shows values of a vector as lines', async () => {
    await keep(files, explained, 'vector')
    await open(explained)
    await page.waitForSelector('.lines-plot svg')
    expect(await page.isVisible('.matrices')).toBe(false)
    expect(await text('.lines')).toContain('what came')
    expect(await page.getAttribute('.line-came', 'd')).not.toBe(await page.getAttribute('.line-expected', 'd'))
  })

  it.each(['light', 'dark'] as const)('takes names as text and fits a phone (%s)', async colorScheme => {
    const name = '<img src=x onerror=alert(1)>'.repeat(3)
    const odd = {
      ...{
        ...explained,
        id: name,
        source: name,
        stream: name,
        cluster: { ...cluster, label: name, exemplars: [name] },
      },
      explanation: { ...explanation, summary: name },
      acknowledged: { who: name, note: name, at: START },
    }
    await keep(files, odd, 'sound')
    await open(odd, { width: 360, height: 740, colorScheme })
    await page.waitForSelector('.evidence:not([hidden])')
    expect(await text('.episode-title h2')).toContain(name)
    expect(await text('.note')).toContain(name)
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
