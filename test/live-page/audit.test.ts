import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { executablePath, useBrowser } from '../helpers/live-page.ts'
import { type RealDaemon, realDaemon } from '../helpers/real-page.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const NAME = '<img src=x onerror=alert(1)>'

/** Against the whole daemon: what is decided over HTTP stands on the page. */
describe.skipIf(!executablePath)('the audit log on the live page', () => {
  const { folder } = temporaryFolder()
  const browser = useBrowser()
  let real: RealDaemon
  let episode: EpisodeJson
  let page: Page
  let problems: string[]

  const change = async (request: string, body?: object) => {
    const [method, path] = request.split(' ')
    const headers = body && { 'content-type': 'application/json' }
    const answer = await fetch(`${real.address}/v1/${path}`, { method, headers, body: body && JSON.stringify(body) })
    expect(answer.ok, await answer.clone().text()).toBe(true)
    return (await answer.json()) as { id: string }
  }
  beforeAll(async () => {
    real = await realDaemon(`${folder}/events.db`, ['mic', 'pump'])
    episode = await real.fault('mic', 3)
    const id = encodeURIComponent(episode.id)
    await change(`POST episodes/${id}/acknowledge`, { who: 'ada', note: 'seen on site' })
    await change(`PUT clusters/${episode.cluster!.id}/label`, { label: NAME, who: 'ada' })
    await change('PUT threshold', { source: 'pump', policy: { policy: 'value', value: 2 }, who: 'bob' })
    await change('PUT threshold', { source: 'pump', policy: { policy: 'percentile', value: 99.5 }, who: 'bob' })
    await change('DELETE threshold?source=pump&who=bob')
    await change(`POST episodes/${id}/false-alarm`, { seconds: 3600, who: NAME })
    const { id: mute } = await change('POST mutes', { source: 'pump', seconds: null })
    await change(`DELETE mutes/${mute}`)
  })
  afterAll(() => real.daemon.stop())
  const open = async (hash: string, options = {}) => {
    ;({ page, problems } = await browser.open(real, { hash, ...options }))
    await page.waitForSelector('.paged li')
  }
  afterEach(async () => {
    await page.close()
    // The fake model explains nothing, so episodes have no evidence; the browser itself tells what was not there.
    expect(problems.filter(each => !/status of 404/.test(each))).toEqual([])
  })
  const what = () => page.locator('.decided-what').allTextContents()

  it('says who decided what, and what was so before and is so since', async () => {
    await open('#/audit')
    await expect
      .poll(what)
      .toEqual([
        'ended the mute of pump it muted 0 episodes',
        'muted pump until somebody ends it',
        expect.stringMatching(
          /^called an episode of mic a false alarm what is like <img .*> is muted until .* \(in 1 h\)$/,
        ),
        'threshold of pump percentile 99.5 → none of its own',
        'threshold of pump fixed at 2 → percentile 99.5 (0.995)',
        'threshold of pump none of its own → fixed at 2 (2)',
        `named cluster ${episode.cluster!.id} no name → ${NAME}`,
        'saw an episode of mic “seen on site”',
      ])
    const who = await page.locator('.decided-who').allTextContents()
    expect(who).toEqual(['127.0.0.1', '127.0.0.1', NAME, 'bob', 'bob', 'bob', 'ada', 'ada'])
    expect(await page.textContent('.mute-what')).toBe(`what is like ${NAME}`)
    expect(await page.locator('main img').count()).toBe(0)
    await page.locator('.decided-links a').last().click()
    await page.waitForSelector('.episode-body:not([hidden])')
  })

  it('is searched by source and action, and exported', async () => {
    await open('#/audit')
    await page.selectOption('[name=action]', 'threshold.set')
    await expect.poll(async () => (await what()).length).toBe(2)
    await page.fill('[name=source]', 'mic')
    await page.keyboard.press('Tab')
    await expect.poll(() => page.textContent('.audit .empty')).toBe('Nothing was decided that is like that.')
    await page.selectOption('[name=action]', '')
    await expect.poll(async () => (await what()).length).toBe(2)
    expect(await page.evaluate('location.hash')).toBe('#/audit?source=mic')
    await page.reload()
    await page.waitForSelector('.paged li')
    expect(await page.inputValue('[name=source]')).toBe('mic')
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('[data-format=csv]')])
    expect(
      readFileSync(await download.path(), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(3)
  })

  it('goes on while it is open, and fits a phone', async () => {
    await open('#/audit?action=cluster.labelled', { width: 360, height: 740, colorScheme: 'dark' })
    await change(`PUT clusters/${episode.cluster!.id}/label`, { label: 'squeal', who: 'eve' })
    await expect.poll(async () => (await what())[0]).toBe(`named cluster ${episode.cluster!.id} ${NAME} → squeal`)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })
})
