import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { saveDemo } from '../../src/demo/save.ts'
import { silentProgress } from '../../src/progress.ts'
import { errorOf, temporaryFolder } from '../helpers/temporary.ts'

// How well it learns is what test/demo/demo.test.ts is about.
vi.mock('../../src/demo/configs.ts', async original => {
  const actual = await original<typeof import('../../src/demo/configs.ts')>()
  return {
    ...actual,
    trainingConfig: (...args: Parameters<typeof actual.trainingConfig>) => {
      const config = actual.trainingConfig(...args)
      return { ...config, training: { ...config.training, epochs: 1 } }
    },
  }
})

const { folder, write } = temporaryFolder()
const options = { seed: 1, minutes: 1 }
const never = new AbortController().signal

describe('saveDemo', () => {
  it('keeps recordings, model and feed, once', { timeout: 120_000 }, async () => {
    const lines: string[] = []
    const parts = { say: (line: string) => void lines.push(line), signal: never, progress: silentProgress }
    const path = join(folder, 'state/demo')
    expect(await saveDemo(path, options, parts)).toEqual({ folder: path, made: true })
    expect(readdirSync(path).sort()).toEqual(['bundle', 'feed.wav', 'recordings'])
    expect(readdirSync(join(path, 'recordings'))).toHaveLength(40)
    expect(existsSync(join(path, 'bundle/manifest.json'))).toBe(true)
    expect(readdirSync(join(folder, 'state'))).toEqual(['demo'])
    expect(lines.join('\n')).toMatch(/Faults in .*feed\.wav:\n( {2}\d:\d\d {2}[a-z ]+\n?){5}/)

    const { mtimeMs } = statSync(join(path, 'feed.wav'))
    expect(await saveDemo(path, options, parts)).toEqual({ folder: path, made: false })
    expect(statSync(join(path, 'feed.wav')).mtimeMs).toBe(mtimeMs)
    expect(lines.at(-1)).toContain('is there already')
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const interrupt = new AbortController()
    const progress = { ...silentProgress, update: () => interrupt.abort() }
    const path = join(folder, 'interrupted/demo')
    expect(await saveDemo(path, options, { say: () => {}, signal: interrupt.signal, progress })).toBeUndefined()
    expect(readdirSync(join(folder, 'interrupted'))).toEqual([])
  })

  it('does not touch a folder of something else', async () => {
    write('other/letter.txt', 'dear')
    const parts = { say: () => {}, signal: never, progress: silentProgress }
    const error = await errorOf(() => saveDemo(join(folder, 'other'), options, parts))
    expect(error).toMatchObject({ code: 'AUSCULT_CONFIG', message: 'the folder holds something else' })
  })
})
