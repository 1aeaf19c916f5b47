import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StatusJson } from '../../src/stream/status.ts'
import { executablePath, PageDaemon, useBrowser } from '../helpers/live-page.ts'
import { STATUS } from '../helpers/page-daemon.ts'

const REASON =
  '3 of 3 threads on webgpu, cpu since webgpu was lost: a valid external Instance reference no longer exists'
const WHOLE = { devices: { webgpu: 3 }, fallbacks: 0 }
const LOST = { devices: { cpu: 2, webgpu: 1 }, fallbacks: 2 }

describe.skipIf(!executablePath)('what the health page says of devices', () => {
  const browser = useBrowser()
  let daemon: PageDaemon
  let status: StatusJson
  let scorer: { ok: boolean; reason: string }
  beforeEach(async () => {
    status = { ...STATUS, ...WHOLE }
    scorer = { ok: true, reason: '3 of 3 threads on webgpu' }
    daemon = new PageDaemon({
      status: () => status,
      routes: {
        'GET /readyz': () => {
          const components = { daemon: { ok: true, reason: 'running' }, scorer }
          return { body: { status: scorer.ok ? 'ready' : 'unready', components } }
        },
      },
    })
    await daemon.start()
  })
  afterEach(() => daemon.stop())

  const lose = () => {
    status = { ...status, ...LOST }
    scorer = { ok: true, reason: REASON }
  }

  it('says what the scorers compute on', async () => {
    const { page, problems } = await browser.open(daemon, { hash: '#/health' })
    await expect.poll(() => page.textContent('.health-facts')).toContain('Scorer threads3 on webgpu')
    await expect.poll(() => page.textContent('[data-part=scorer]')).toBe('okscorer3 of 3 threads on webgpu')
    expect(await page.textContent('.verdict')).toBe('Everything works')
    expect(problems).toEqual([])
    await page.close()
  })

  it.each(['light', 'dark'] as const)(
    'says that a device is lost, and why, while it is open, in %s',
    async colorScheme => {
      const { page, problems } = await browser.open(daemon, { hash: '#/health', colorScheme })
      await expect.poll(() => page.textContent('.verdict')).toBe('Everything works')
      const before = await page.evaluate(`getComputedStyle(document.querySelector('.verdict')).color`)
      lose()
      const verdict = 'Everything works, but a GPU was lost: the CPU computes instead'
      await expect.poll(() => page.textContent('.verdict'), { timeout: 10_000 }).toBe(verdict)
      expect(await page.evaluate(`getComputedStyle(document.querySelector('.verdict')).color`)).not.toBe(before)
      expect(await page.textContent('[data-part=scorer]')).toBe(`GPU lostscorer${REASON}`)
      expect(await page.textContent('[data-part=daemon]')).toBe('okdaemonrunning')
      expect(await page.textContent('.health-facts')).toContain('Scorer threads2 on cpu, 1 on webgpu')
      expect(problems).toEqual([])
      await page.close()
    },
  )

  it('says so to whoever comes later, and is well again after a restart', async () => {
    lose()
    const { page } = await browser.open(daemon, { hash: '#/health' })
    await expect.poll(() => page.getAttribute('.verdict', 'data-kind')).toBe('warn')
    status = { ...status, ...WHOLE }
    scorer = { ok: true, reason: '3 of 3 threads on webgpu' }
    await expect.poll(() => page.getAttribute('.verdict', 'data-kind'), { timeout: 10_000 }).toBe('good')
    expect(await page.getAttribute('[data-part=scorer]', 'data-lost')).toBe('false')
    await page.close()
  })

  it('says first that a part does not work', async () => {
    lose()
    scorer = { ok: false, reason: 'no thread lives' }
    const { page } = await browser.open(daemon, { hash: '#/health', width: 360 })
    await expect.poll(() => page.textContent('.verdict')).toBe('One part does not work')
    expect(await page.textContent('[data-part=scorer]')).toBe('not okscorerno thread lives')
    await page.close()
  })
})
