import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refused } from '../../src/stream/http/answer.ts'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'
import { sourceJson } from '../helpers/page-data.ts'

const NAME = 'line 2/pump #1?'

describe.skipIf(!executablePath)('the page of a source', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let page: Page
  let problems: string[]
  let info = sourceJson(NAME)
  let asked: object[]

  beforeEach(async () => {
    asked = []
    info = sourceJson(NAME)
    const side = (threshold: number) => ({ windows: 1000, median: 0.4, percentile_99: 0.9, threshold })
    daemon = new PageDaemon({
      routes: {
        'GET /v1/sources': () => ({ body: { sources: [info], next: null } }),
        'POST /v1/sources/{name}/recalibrate': ({ body, params }) => {
          const { force, dry_run } = body as { force?: boolean; dry_run?: boolean }
          asked.push({ name: params.name, force, dry_run })
          if (!force) {
            const remedy = 'Ask with force if that is right; without, it may change by a factor of 2.'
            throw new Refused(409, 'AUSCULT_RECALIBRATION', 'the threshold would go from 1 to 3', { remedy })
          }
          const report = { before: side(1), after: side(3), factor: 3, trimmed: 2, psi: 0.1, forced: true }
          return { body: { source: params.name, applied: !dry_run, report } }
        },
        'POST /v1/sources/{name}/revert': ({ params }) => {
          asked.push({ reverted: params.name })
          return { body: { source: params.name, before: 3, after: 1, left: 0 } }
        },
      },
    })
    await daemon.start()
    const opened = await browser.open(daemon, { hash: `#/source/${encodeURIComponent(NAME)}?span=600` })
    page = opened.page
    problems = opened.problems
    daemon.scores(NAME, 0, 30, 0.5)
  })
  afterEach(async () => {
    await page.close()
    await daemon.stop()
  })

  it('shows where its windows went, and its troubles as they come', async () => {
    await expect
      .poll(() => page.textContent('.health .account'))
      .toBe('2,447 received = 2,440 scored + 4 dropped (overflow 4) + 0 failed + 3 in flight')
    expect(await page.isChecked('.span input[value="600"]')).toBe(true)
    const facts = (await page.textContent('.health-facts'))!
    for (const text of ['Staterunning', 'Gaps in the data5', 'Late windows6', 'Restarts of the feed7', 'origin8']) {
      expect(facts).toContain(text)
    }
    info = sourceJson(NAME, {
      conditions: { clipping: 'half of the samples are at the limit' },
      drift: { psi: 0.3, level: 0.9, drifting: { level: 'up' }, factor: 1.5 },
    })
    const place = { source: NAME, condition: 'clipping' as const, time: 1, message: '' }
    daemon.event({ type: 'source.troubled', eventId: 'x', ...place })
    await expect.poll(() => page.textContent('.troubles')).toBe('clipping: half of the samples are at the limit')
    expect(await page.textContent('.health-facts')).toContain('level up (PSI 0.3, level 0.9, a level 1.5× the old one')
    await expect.poll(() => page.textContent('.source-bar .state')).toBe('clipping')
    expect(await page.locator('.source-bar .mark').allTextContents()).toEqual(['clipping', 'drift', 'new level'])
    expect(problems).toEqual([])
  })

  it('recalibrates after showing what would come of it', async () => {
    await page.click('text=Recalibrate…')
    await expect.poll(() => page.textContent('.recalibration')).toContain('the threshold would go from 1 to 3')
    await page.click('text=Look at it all the same')
    await expect
      .poll(() => page.textContent('.recalibration'))
      .toContain('The threshold would become 3, 3× what it is.')
    await page.click('.recalibration >> text=Cancel')
    expect(await page.textContent('.recalibration')).toBe('')
    await page.click('text=Recalibrate…')
    await page.click('text=Look at it all the same')
    await page.click('.recalibration button.danger')
    await expect.poll(() => page.textContent('.toast')).toContain('is calibrated anew, its threshold is 3.')
    const name = NAME
    const dry = { name, dry_run: true }
    expect(asked).toEqual([
      ...[
        { ...dry, force: false },
        { ...dry, force: true },
        { ...dry, force: false },
        { ...dry, force: true },
      ],
      { name, force: true },
    ])
  })

  it('takes a recalibration back, after asking', async () => {
    await page.click('text=Revert…')
    expect(asked).toEqual([])
    await page.click('text=Take it back')
    await expect.poll(() => asked).toEqual([{ reverted: NAME }])
    await expect.poll(() => page.textContent('.toast')).toContain('The calibration before is back, the threshold is 1')
    expect(problems).toEqual([])
  })

  it('is asked for in full while it is open, and no longer', async () => {
    const subscriptions: string[] = []
    page.on('websocket', socket => socket.on('framesent', ({ payload }) => subscriptions.push(String(payload))))
    await page.reload()
    await page.waitForSelector('#connection[data-state=live]')
    await page.click('.back')
    await expect.poll(() => page.isVisible('.live')).toBe(true)
    await page.click('.tabs >> text=Health')
    await expect.poll(() => JSON.parse(subscriptions.at(-1) ?? '{"detail":["?"]}').detail).toEqual([])
    expect(problems).toEqual([])
  })
})
