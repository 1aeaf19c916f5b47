import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Refused } from '../../src/stream/http/answer.ts'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'
import { sourceJson } from '../helpers/page-data.ts'

const TOKEN = 'a-secret-of-some-length'

describe.skipIf(!executablePath)('the threshold on the page of a source', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let page: Page
  let problems: string[]
  let asked: object[]
  let chosen: object[]
  let refusal: Refused | undefined

  const start = async (token?: string) => {
    asked = []
    chosen = []
    refusal = undefined
    daemon = new PageDaemon({
      token,
      routes: {
        'GET /v1/sources': () => ({ body: { sources: [sourceJson('a')], next: null } }),
        'GET /v1/thresholds': () => ({
          body: { configured: { policy: 'percentile', value: 99.5 }, all: null, sources: chosen },
        }),
        'PUT /v1/threshold': ({ body }) => {
          if (refusal) throw refusal
          asked.push(body as object)
          const { policy, source } = body as { policy: { value: number }; source: string }
          chosen = [{ source, policy, who: 'ada', at: Date.now() }]
          return { body: { source, policy, threshold: policy.value } }
        },
        'DELETE /v1/threshold': ({ query }) => {
          asked.push({ deleted: query.get('source') })
          chosen = []
          return { body: { source: 'a', policy: { policy: 'percentile', value: 99.5 }, threshold: 1 } }
        },
      },
    })
    await daemon.start()
    const opened = await browser.open(daemon, { hash: '#/source/a' })
    page = opened.page
    problems = opened.problems
    daemon.scores('a', 0, 50, at => (at < 40 ? 0.5 : 1.5))
    await expect.poll(() => effect()).toBe('20 of the 100 scores shown are above it.')
  }
  const effect = () => page.textContent('.effect')
  afterEach(async () => {
    await page.close()
    await daemon.stop()
  })

  describe('on this machine', () => {
    beforeEach(() => start())
    afterEach(() => expect(problems).toEqual([]))

    it('is tried out while it is slid, and set when it is let go', async () => {
      expect(await page.textContent('.threshold')).toContain('Percentile 99.5 of normal windows, as configured')
      const box = (await page.locator('.threshold-slider').boundingBox())!
      const y = box.y + box.height / 2
      await page.mouse.move(box.x + box.width / 2, y)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 })
      await expect.poll(effect).toMatch(/^At 3\.\d+, 0 of the 100 scores shown would be above it; now 20\.$/)
      expect(asked).toEqual([])
      await page.mouse.up()
      await expect.poll(() => asked.length).toBe(1)
      const { source, policy } = asked[0] as { source: string; policy: { policy: string; value: number } }
      expect(source).toBe('a')
      expect(policy.policy).toBe('value')
      expect(policy.value).toBeGreaterThan(2.5)
      expect(policy.value).toBeLessThan(4)
      await expect.poll(() => page.textContent('.toast')).toContain('The threshold of a is 3.')
      await expect.poll(() => page.textContent('.threshold')).toContain('set by ada')
      daemon.score('a', 50, 1.5, { threshold: policy.value })
      await expect.poll(effect).toBe('0 of the 101 scores shown are above it.')
      await expect.poll(() => page.textContent('.source-bar .state')).toBe('normal')
    })

    it('is set by keyboard once, however often it was moved', async () => {
      await page.focus('.threshold-slider')
      for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight')
      await expect.poll(() => asked.length).toBe(1)
      expect(asked[0]).toMatchObject({ policy: { value: 1.023 } })
      expect(await page.getAttribute('.threshold-slider', 'aria-valuetext')).toBe('1.02')
    })

    it('is typed, and given up', async () => {
      await page.fill('.threshold input[type=number]', '0.4')
      await expect.poll(effect).toBe('At 0.4, 100 of the 100 scores shown would be above it; now 20.')
      await page.keyboard.press('Enter')
      await expect.poll(() => asked).toEqual([{ source: 'a', policy: { policy: 'value', value: 0.4 } }])
      daemon.score('a', 50, 0.5, { threshold: 0.4 })
      await expect.poll(() => page.textContent('.source-bar .state')).toBe('above threshold')
      await page.click('text=Back to the policy')
      await expect.poll(() => asked[1]).toEqual({ deleted: 'a' })
      await expect.poll(() => page.isVisible('text=Back to the policy')).toBe(false)
      expect(await page.textContent('.threshold')).toContain('as configured')
    })

    it('takes no nonsense', async () => {
      await page.fill('.threshold input[type=number]', '-1')
      await page.keyboard.press('Enter')
      await page.waitForTimeout(800)
      expect(asked).toEqual([])
      expect(await effect()).toBe('20 of the 100 scores shown are above it.')
      await page.focus('.threshold-slider')
      expect(await page.inputValue('.threshold input[type=number]')).toBe('1')
    })
  })

  it('stays as it is when that is refused, and says why', async () => {
    await start()
    refusal = new Refused(503, 'AUSCULT_STORE', 'the store cannot be written', { remedy: 'Make room on the disk.' })
    await page.fill('.threshold input[type=number]', '2')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.textContent('.toast')).toContain('The store cannot be written')
    expect(await page.textContent('.toast')).toContain('Make room on the disk.')
    await expect.poll(effect).toBe('20 of the 100 scores shown are above it.')
    expect(await page.inputValue('.threshold input[type=number]')).toBe('1')
  })

  it('asks for the token once, and again when it was wrong', async () => {
    await start(TOKEN)
    await page.fill('.threshold input[type=number]', '2')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#token-dialog[open]')
    await page.keyboard.type('not the token')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.isVisible('#token-problem')).toBe(true)
    await page.fill('#token-value', TOKEN)
    await page.keyboard.press('Enter')
    await expect.poll(() => asked.length).toBe(1)
    await page.fill('.threshold input[type=number]', '3')
    await page.keyboard.press('Enter')
    await expect.poll(() => asked.length).toBe(2)
    expect(await page.evaluate('localStorage.length')).toBe(0)
  })
})
