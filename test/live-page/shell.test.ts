import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'

describe.skipIf(!executablePath)('the frame of the live page', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  beforeEach(async () => {
    daemon = new PageDaemon()
    await daemon.start()
  })
  afterEach(() => daemon.stop())

  it('names the model and marks the page that is open', async () => {
    const { page, problems } = await browser.open(daemon, { hash: '#/health' })
    expect(await page.textContent('#bundle')).toBe('fan')
    await expect.poll(() => page.textContent('.tabs [aria-current=page]')).toBe('Health')
    await page.click('text=Live')
    await expect.poll(() => page.textContent('.tabs [aria-current=page]')).toBe('Live')
    daemon.score('pump 1', 1, 0.5)
    await expect.poll(() => page.textContent('main')).toContain('pump 1')
    expect(problems).toEqual([])
    await page.close()
  })
})
