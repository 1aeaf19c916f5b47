import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventFromJson } from '../../src/stream/event-json.ts'
import { EventLog } from '../../src/stream/event-log.ts'

const opened = eventFromJson({
  type: 'episode.opened',
  event_id: 'mic/a/0/opened',
  episode: {
    ...{ id: 'mic/a/0', source: 'mic', state: 'open', opened_at: 0, last_at: 1, stream: 'a', offset: 0 },
    ...{ windows: 2, peak_score: 3, mean_score: 2, threshold: 1 },
  },
})!

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'auscult-log-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

describe('EventLog', () => {
  it('makes the folder and reads back what it appended', async () => {
    const path = join(folder, 'new/folder/events.jsonl')
    const { log, events } = await EventLog.open(path)
    expect(events).toEqual([])
    await log.append([opened])
    await log.close()
    const again = await EventLog.open(path)
    expect(again).toMatchObject({ events: [opened], torn: false })
    await again.log.close()
  })

  it('leaves nothing of an append whose sync failed', async () => {
    const path = join(folder, 'events.jsonl')
    const { log } = await EventLog.open(path)
    await log.append([opened])
    const before = readFileSync(path, 'utf8')
    const probe = await open(path)
    vi.spyOn(Object.getPrototypeOf(probe), 'datasync').mockRejectedValueOnce(new Error('ENOSPC'))
    await expect(log.append([opened, opened])).rejects.toThrow('ENOSPC')
    expect(readFileSync(path, 'utf8')).toBe(before)
    await log.append([opened])
    expect(readFileSync(path, 'utf8')).toBe(before + before)
    await Promise.all([log.close(), probe.close()])
  })
})
