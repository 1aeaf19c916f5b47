import { type Browser, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { chromium } from './requires.ts'

export { PageDaemon, START } from './page-daemon.ts'

/** Chromium, or undefined after a line that says that it is missing: `describe.skipIf(!executablePath)`. */
export const executablePath = chromium()

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface PageOptions {
  /** Hash to open, `#/map`. */
  readonly hash?: string
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly reducedMotion?: 'reduce' | 'no-preference'
}

export interface LivePage {
  readonly page: Page
  /** Console errors, exceptions, failed loads and requests to other hosts: must stay empty. */
  readonly problems: string[]
  /** Messages that came from the daemon, by type. */
  readonly received: ReadonlyMap<string, number>
}

/** One browser for a test file; call within `describe.skipIf(!executablePath)`. */
export function useBrowser(): { open(daemon: { address: string }, options?: PageOptions): Promise<LivePage> } {
  let browser: Browser
  beforeAll(async () => {
    browser = await launcher.launch({ executablePath, args: ARGUMENTS })
  })
  afterAll(() => browser.close())
  return {
    /** Opens the page and waits until it is connected. Close it: `await page.close()`. */
    async open(daemon, { hash = '', width = 1000, height = 800, colorScheme = 'light', reducedMotion } = {}) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion })
      const problems: string[] = []
      const received = new Map<string, number>()
      page.on('websocket', socket =>
        socket.on('framereceived', ({ payload }) => {
          const type = /"type":"([^"]+)"/.exec(String(payload))?.[1] ?? ''
          received.set(type, (received.get(type) ?? 0) + 1)
        }),
      )
      const home = new URL(daemon.address).host
      page.on('pageerror', error => problems.push(String(error)))
      page.on('console', message => {
        if (message.type() === 'error') problems.push(message.text())
      })
      page.on('request', request => {
        const { protocol, host } = new URL(request.url())
        const isLocal = host === home || ['data:', 'blob:'].includes(protocol)
        if (!isLocal) problems.push(`request to another host: ${request.url()}`)
      })
      await page.goto(`${daemon.address}/${hash}`)
      await page.waitForSelector('#connection[data-state=live]')
      await page.waitForSelector('main > *')
      return { page, problems, received }
    },
  }
}
