import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { enforceRetention, fileName, recordingName } from '../../../src/ingest/record/retention.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const DAY = 86_400_000
const NOW = Date.UTC(2026, 0, 31)
let count = 0

/** Recordings of 1000 bytes, this many days old. */
function recordings(...ages: number[]): { path: string; left: () => string[] } {
  const name = `case${count++}`
  ages.forEach((age, i) => {
    const time = NOW - age * DAY
    const path = write(`${name}/${i % 2 ? 'mic' : 'pump'}/${recordingName('a', time)}.wav`, new Uint8Array(1000))
    utimesSync(path, time / 1000, time / 1000)
  })
  const path = join(folder, name)
  const left = () => readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(file => /\.\w{3,4}$/.test(file))
  return { path, left }
}

describe('enforceRetention', () => {
  it('deletes what is too old', async () => {
    const { path, left } = recordings(1, 5, 10, 20)
    const deleted = await enforceRetention(path, { days: 7, bytes: null }, NOW)
    expect(deleted.length).toBe(2)
    expect(left().length).toBe(2)
    expect(deleted.some(existsSync)).toBe(false)
  })

  it('deletes the oldest beyond a size, of all sources together', async () => {
    const { path, left } = recordings(4, 1, 3, 2)
    await enforceRetention(path, { days: null, bytes: 2500 }, NOW)
    expect(
      left()
        .map(file => file.slice(-23))
        .sort(),
    ).toEqual(['20260129T000000.000Z.wav'.slice(-23), '20260130T000000.000Z.wav'.slice(-23)])
  })

  it('deletes nothing without a bound, and nothing but finished recordings', async () => {
    const { path, left } = recordings(1, 300)
    expect(await enforceRetention(path, { days: null, bytes: null }, NOW)).toEqual([])
    for (const name of ['notes.txt', 'mine.wav', `${recordingName('a', 0)}.wav.part`, 'labels.csv']) {
      write(join(path.slice(folder.length), name), 'x')
    }
    await enforceRetention(path, { days: 0.0001, bytes: 0 }, NOW + 1000 * DAY)
    expect(left().sort()).toEqual(['a-19700101T000000.000Z.wav.part', 'labels.csv', 'mine.wav', 'notes.txt'])
  })

  it('does not mind a folder that is not there', async () => {
    expect(await enforceRetention(join(folder, 'absent'), { days: 1, bytes: 1 }, NOW)).toEqual([])
    mkdirSync(join(folder, 'empty'))
    expect(await enforceRetention(join(folder, 'empty'), { days: 1, bytes: 1 }, NOW)).toEqual([])
  })
})

describe('recordingName', () => {
  it('is the source and the time in UTC', () => {
    expect(recordingName('pump', Date.UTC(2026, 0, 31, 12, 0, 0, 250))).toBe('pump-20260131T120000.250Z')
  })

  it('stays in its folder whatever the source is called', () => {
    expect([fileName('feed/../../x'), fileName('..'), fileName('a b:c')]).toEqual(['feed_.._.._x', '_', 'a_b_c'])
  })
})
