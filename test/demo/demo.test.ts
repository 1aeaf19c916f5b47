import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDemo } from '../../src/demo/demo.ts'
import { demoOptionsSchema } from '../../src/demo/options.ts'
import { silentProgress } from '../../src/progress.ts'

const usual = process.env.TMPDIR
const folder = mkdtempSync(join(tmpdir(), 'auscult-demo-test-'))

beforeAll(() => {
  process.env.TMPDIR = folder
})
afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = usual
  rmSync(folder, { recursive: true })
})

const leftBehind = () => readdirSync(folder).filter(name => name.startsWith('auscult-'))

describe('runDemo', () => {
  it('finds every fault within two seconds, and nothing in five minutes of normal sound', {
    timeout: 240_000,
  }, async () => {
    const lines: string[] = []
    const options = demoOptionsSchema.parse({ once: true, port: 0 })
    const result = await runDemo(options, {
      say: line => lines.push(line),
      signal: new AbortController().signal,
      progress: silentProgress,
    })
    expect(result).toMatchObject({ found: 5, missed: 0, false: 0, normalMinutes: 5 })
    expect(result!.onsetSeconds).toHaveLength(5)
    for (const seconds of result!.onsetSeconds) {
      expect(seconds).toBeGreaterThan(0)
      expect(seconds).toBeLessThan(2)
    }
    expect(result!.trainSeconds).toBeGreaterThan(0)
    expect(result!.windowsPerSecond).toBeGreaterThan(20)
    const story = lines.join('\n')
    for (const kind of ['bearing impacts', 'imbalance', 'belt squeal', 'leak hiss', 'dropped sensor']) {
      expect(story).toContain(`${kind} begins`)
    }
    expect(story.match(/episode opened/g)).toHaveLength(5)
    expect(story.match(/episode closed/g)).toHaveLength(5)
    expect(leftBehind()).toEqual([])
  })

  it('ends at once when it is interrupted, and leaves nothing behind', async () => {
    const interrupt = new AbortController()
    const progress = { ...silentProgress, update: () => interrupt.abort() }
    const parts = { say: () => {}, signal: interrupt.signal, progress }
    expect(await runDemo(demoOptionsSchema.parse({}), parts)).toBeUndefined()
    expect(leftBehind()).toEqual([])
  })
})
