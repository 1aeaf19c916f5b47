import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { EpisodeJson } from '../../src/stream/episode-json.ts'
import { executablePath, useBrowser } from '../helpers/live-page.ts'
import { type RealDaemon, realDaemon } from '../helpers/real-page.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Decided {
  readonly decisions: readonly { action: string; who: string; note?: string; before: unknown; after: object }[]
}
interface Mutes {
  readonly mutes: readonly {
    id: string
    source?: string
    cluster?: number
    reason: string
    until: number | null
    who: string
  }[]
}

/** A source for each test. */
const NAMES = Array.from({ length: 10 }, (_, i) => `mic-${i}`)

/** Against the whole daemon: what is decided on the page is what the audit log says. */
describe.skipIf(!executablePath)('decisions on the live page', () => {
  const { folder } = temporaryFolder()
  const browser = useBrowser()
  let real: RealDaemon
  let page: Page
  let problems: string[]
  let episode: EpisodeJson
  let allowed: RegExp | undefined
  let mic: string
  let run = 0

  beforeAll(async () => {
    real = await realDaemon(`${folder}/events.db`, NAMES)
  })
  afterAll(() => real.daemon.stop())
  beforeEach(async () => {
    allowed = undefined
    mic = NAMES[run++]
    episode = await real.fault(mic, 3)
    await open(`#/episode/${encodeURIComponent(episode.id)}`)
    await page.waitForSelector('.episode-body:not([hidden])')
  })
  afterEach(async () => {
    await page.close()
    for (const { id } of await mutes()) await fetch(`${real.address}/v1/mutes/${id}`, { method: 'DELETE' })
    // The fake model explains nothing, so there is no evidence; the browser itself tells what was not there.
    expect(problems.filter(each => !/status of 404/.test(each) && !allowed?.test(each))).toEqual([])
  })
  const open = async (hash: string) => {
    ;({ page, problems } = await browser.open(real, { hash }))
  }
  const text = (selector: string) => page.textContent(selector)
  const latest = async () => (await real.get<Decided>('/v1/audit')).decisions[0]
  const mutes = async () => (await real.get<Mutes>('/v1/mutes')).mutes
  const submit = () => page.click('dialog[open] [type=submit]')

  it('acknowledges by keyboard, and remembers who', async () => {
    await page.keyboard.press('a')
    await page.waitForSelector('dialog.decision[open]')
    await page.keyboard.type('a belt is being changed')
    await page.fill('dialog.decision [name=who]', 'ada')
    await page.keyboard.press('Enter')
    await expect.poll(() => text('[data-note=seen]')).toBe('ada has seen it, just now: a belt is being changed')
    await expect.poll(() => page.locator('dialog.decision').count()).toBe(0)
    expect(await text('.toast')).toContain('Acknowledged')
    expect(await latest()).toMatchObject({
      action: 'episode.acknowledged',
      who: 'ada',
      note: 'a belt is being changed',
    })
    expect(await text('[data-action=acknowledge]')).toBe('Acknowledge againA')
    await page.reload()
    await page.click('[data-action=mute]')
    expect(await page.inputValue('dialog.decision [name=who]')).toBe('ada')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('dialog.decision').count()).toBe(0)
    expect(await mutes()).toEqual([])
  })

  it('is not decided by keys that are typed elsewhere', async () => {
    await page.keyboard.press('Control+a')
    await page.keyboard.press('l')
    await page.waitForSelector('dialog.decision[open]')
    await page.keyboard.type('a fluffy mule')
    expect(await page.locator('dialog.decision').count()).toBe(1)
    expect(await page.inputValue('dialog.decision [name=label]')).toBe('a fluffy mule')
  })

  it('names what it is, wherever it is shown', async () => {
    const { id } = episode.cluster!
    expect(await text('.story')).toMatch(new RegExp(`of cluster ${id}[. ]`))
    await page.keyboard.press('l')
    await page.keyboard.type(' belt <b>squeal</b> ')
    await submit()
    await expect.poll(() => text('.story')).toContain('of belt <b>squeal</b>')
    expect(await latest()).toMatchObject({ action: 'cluster.labelled', after: { label: 'belt <b>squeal</b>' } })
    await page.click('.crumbs a')
    const like = () => text(`[data-episode="${episode.id}"] .episode-like`)
    await expect.poll(like).toBe('belt <b>squeal</b>')
    // Somebody else takes the name away.
    await fetch(`${real.address}/v1/clusters/${id}/label`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"label":null}',
    })
    await expect.poll(like).toBe(`cluster ${id}`)
  })

  it('says what a false alarm mutes, mutes it, and takes that back', async () => {
    const { id } = episode.cluster!
    await real.fault(mic, 3)
    await page.click('[data-action=false-alarm]')
    const said = await text('dialog.decision')
    expect(said).toContain(`alerts nobody: episodes of cluster ${id} as long as`)
    expect(said).toContain('within its radius')
    await page.click('dialog.decision >> text=8 hours')
    await page.check('dialog.decision [name=source_only]')
    await submit()
    await expect.poll(() => text('[data-note=muted]')).toContain('alerts nobody: what is like a false alarm is muted')
    const [mute] = await mutes()
    expect(mute).toMatchObject({ reason: 'false_alarm', source: mic, cluster: id, who: '127.0.0.1' })
    expect(Math.abs(mute.until! - Date.now() - 8 * 3_600_000)).toBeLessThan(60_000)
    await page.click('.crumbs a')
    await expect.poll(() => text('.mute')).toContain(`what is like cluster ${id}, in ${mic}`)
    expect(await text('.mute')).toContain('(in 8 h)')
    expect(await text(`[data-episode="${episode.id}"] [data-badge=muted]`)).toBe('false alarm')
    await page.click('.mute button')
    await expect.poll(() => page.isVisible('.mutes')).toBe(false)
    expect(await mutes()).toEqual([])
    expect(await latest()).toMatchObject({ action: 'unmuted' })
  })

  it.each([
    ['everything of', '1 hour', 3_600_000],
    ['in all sources', 'until ended', null],
  ] as const)('mutes %s (%s)', async (target, span, ms) => {
    await page.keyboard.press('m')
    await page.click(`dialog.decision >> text=${target}`)
    await page.click(`dialog.decision >> text=${span}`)
    await submit()
    await expect.poll(mutes).toHaveLength(1)
    const [mute] = await mutes()
    const what = ms === null ? { cluster: episode.cluster!.id } : { source: mic }
    expect(mute).toMatchObject({ reason: 'mute', ...what })
    if (ms === null) expect(mute.until).toBeNull()
    else expect(Math.abs(mute.until! - Date.now() - ms)).toBeLessThan(60_000)
    await expect.poll(() => text('.toast')).toContain('is muted')
  })

  it('mutes an open episode at once, and ends that from its page', async () => {
    real.play(mic, 0.5, 4, 4, 4)
    await page.evaluate(`location.hash = '#/episodes'`)
    await page.click('[data-state=open] a.episode')
    await expect.poll(() => text('.story')).toContain('has not been as usual')
    await page.keyboard.press('m')
    await submit()
    await expect.poll(() => text('[data-note=muted]')).toContain('its source or cluster is muted')
    await page.keyboard.press('u')
    await expect.poll(() => page.locator('[data-note=muted]').count()).toBe(0)
    expect(await mutes()).toEqual([])
    await page.click('.crumbs a')
    await expect.poll(() => page.locator('[data-state=open] .episode-what').count()).toBe(1)
    expect(await page.locator('[data-state=open] [data-badge=muted]').count()).toBe(0)
    real.play(mic, 0.1, 0.1, 0.1, 0.1)
    await expect.poll(() => page.locator('[data-state=open]').count()).toBe(0)
  })

  it('shows why something was refused, and what to do, and lets it be corrected', async () => {
    allowed = /status of 400/
    await page.click('[data-action=acknowledge]')
    // The field does not take as much from the keyboard.
    await page.evaluate(`document.querySelector('dialog.decision [name=note]').value = 'x'.repeat(2001)`)
    await submit()
    await expect.poll(() => text('dialog.decision .problem')).toContain('body.note: Too big')
    expect(await text('dialog.decision .problem')).toContain('/v1/openapi.json describes every request.')
    await page.fill('dialog.decision [name=note]', 'short')
    await submit()
    await expect.poll(() => text('[data-note=seen]')).toContain(': short')
  })

  it('tells others that look at the same', async () => {
    const second = await browser.open(real, { hash: '#/episodes' })
    await page.keyboard.press('a')
    await submit()
    const badge = `[data-episode="${episode.id}"] [data-badge=seen]`
    await expect.poll(() => second.page.textContent(badge)).toBe('seen by 127.0.0.1')
    expect(second.problems).toEqual([])
    await second.page.close()
  })
})

describe.skipIf(!executablePath)('decisions that need a token', () => {
  const { folder } = temporaryFolder()
  const browser = useBrowser()

  it('are made once it was given', async () => {
    const token = 'token-of-the-test-0123456789'
    const real = await realDaemon(`${folder}/token.db`, ['mic'], { token })
    const { id } = await real.fault('mic', 3)
    const { page, problems } = await browser.open(real, { hash: `#/episode/${encodeURIComponent(id)}` })
    await page.waitForSelector('.episode-body:not([hidden])')
    await page.keyboard.press('a')
    await page.click('dialog.decision [type=submit]')
    await page.fill('#token-value', token)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.textContent('[data-note=seen]')).toContain('has seen it')
    expect(problems.filter(each => !/status of 40[14]/.test(each))).toEqual([])
    await page.close()
    await real.daemon.stop()
  })
})
