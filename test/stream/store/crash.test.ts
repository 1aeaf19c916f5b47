import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { episodeEvent } from '../../helpers/events.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

let folder: string
let path: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-crash-'))
  path = join(folder, 'events.db')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** A process that appends to the store; `lines` are what it printed in full. */
function appender(callers: number, ...more: string[]) {
  const args = ['--import', 'tsx', 'test/helpers/store-child.ts', path, String(callers), ...more]
  const child = spawn(process.execPath, args, { cwd: PROJECT })
  children.push(child)
  let text = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const lines = () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(1, -1)
  const ended = new Promise<{ code: number | null; stderr: string }>(resolve =>
    child.on('close', code => resolve({ code, stderr })),
  )
  return { child, lines, ended }
}

async function withStore<T>(work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
  await store.start()
  try {
    return await work(store)
  } finally {
    await store.stop()
  }
}

describe('EventStore, killed', () => {
  it('has everything that was acknowledged, and never gives a number again', { timeout: 120_000 }, async () => {
    const acknowledged = new Map<number, string>()
    for (let round = 0; round < 5; round++) {
      const { child, lines, ended } = appender(1 + 7 * round)
      await until(() => lines().length > 0, 60_000)
      await new Promise(resolve => setTimeout(resolve, Math.random() * 400))
      child.kill('SIGKILL')
      await ended
      for (const line of lines()) {
        const [seq, id] = line.split(' ')
        expect(acknowledged.has(Number(seq))).toBe(false)
        acknowledged.set(Number(seq), id)
      }
      await withStore(async store => {
        const stored = await store.after(0, 1_000_000)
        expect(stored.map(({ seq }) => seq)).toEqual(stored.map((_, index) => index + 1))
        const ids = new Map(stored.map(({ seq, event }) => [seq, event.eventId]))
        for (const [seq, id] of acknowledged) expect(ids.get(seq)).toBe(id)
        const last = stored.at(-1)!.event
        expect(await store.state('newest')).toBe('episode' in last && last.episode.offset + 1)
        const event = episodeEvent(round)
        const [seq] = await store.append([event])
        expect(seq).toBe(stored.length + 1)
        acknowledged.set(seq, event.eventId)
      })
    }
    expect(acknowledged.size).toBeGreaterThan(50)
  })

  it('is refused while another process has it, and free at once when that is killed', { timeout: 60_000 }, async () => {
    const { child, lines, ended } = appender(1)
    await until(() => lines().length > 0, 60_000)
    const refused = { code: 'AUSCULT_STORE', at: path, message: 'another daemon uses this event store' }
    await expect(withStore(async () => {})).rejects.toMatchObject(refused)
    const before = lines().length
    await until(() => lines().length > before)
    child.kill('SIGKILL')
    await ended
    await withStore(async store => expect(store.last).toBeGreaterThan(0))
  })

  it('lets a process end in the middle of a commit', { timeout: 60_000 }, async () => {
    for (const ms of ['150', '220', '290']) {
      const { ended } = appender(20, ms)
      expect(await ended).toEqual({ code: 0, stderr: '' })
    }
  })
})
