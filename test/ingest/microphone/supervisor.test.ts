import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../src/clock.ts'
import { microphoneSourceSchema } from '../../../src/ingest/microphone/config.ts'
import type { Session } from '../../../src/ingest/microphone/session.ts'
import { Supervisor } from '../../../src/ingest/microphone/supervisor.ts'
import { FakeRecorder } from '../../helpers/fake-recorder.ts'
import { Reports } from '../../helpers/reports.ts'

let recorder: FakeRecorder
let reports: Reports
let waits: number[]

beforeEach(() => {
  recorder = new FakeRecorder()
  reports = new Reports()
  waits = []
})

afterEach(() => recorder.remove())

/** A supervisor whose waits are noted, and are over at once. `onWait` may change the world meanwhile. */
function supervisor(onWait: () => void = () => {}): Supervisor {
  const clock: Clock = {
    now: () => Date.now(),
    sleep: async ms => {
      waits.push(ms)
      onWait()
    },
  }
  const spec = { shape: [100], sampleRate: 8000, hop: 100 }
  const config = microphoneSourceSchema.parse({ type: 'microphone' })
  return new Supervisor({ source: 'mic', config, spec, clock, reports })
}

const endOf = (seconds: number) => ({ seconds, reason: 'sox ended with code 0' }) as Session

/** Lets it start a recorder, which ends after so many seconds of sound. */
async function live(supervisor: Supervisor, seconds: number): Promise<void> {
  const session = await supervisor.next(new AbortController().signal)
  await session!.stop()
  supervisor.ended(endOf(seconds))
}

const expectWaits = (...whole: number[]) => {
  expect(waits).toHaveLength(whole.length)
  for (const [i, ms] of whole.entries()) {
    expect(waits[i]).toBeGreaterThanOrEqual(ms / 2)
    expect(waits[i]).toBeLessThanOrEqual(ms)
  }
}

describe('Supervisor', () => {
  it('waits longer and longer for a recorder that does not live, and briefly for one that did', async () => {
    recorder.install('sox', { rate: 8000 })
    const it = supervisor()
    for (const seconds of [0, 1, 0, 60, 0, 0]) await live(it, seconds)
    expectWaits(500, 1000, 2000, 500, 1000)
    expect(reports.restarts).toHaveLength(5)
    expect(reports.conditions.get('down')).toBe('sox ended with code 0')
  })

  it('looks for a recorder that is not installed, every ten seconds at last, and anew when it vanishes again', async () => {
    const it = supervisor(() => {
      if (waits.length === 5) recorder.install('sox', { rate: 8000 })
    })
    await live(it, 0)
    expectWaits(1000, 2000, 4000, 8000, 10_000)
    expect(reports.restarts).toEqual([])
    recorder.remove()
    waits = []
    recorder = new FakeRecorder()
    await live(it, 0)
    expect(waits[1]).toBeLessThanOrEqual(1000)
  })

  it('gives up waiting when it is told to', async () => {
    const controller = new AbortController()
    const it = supervisor(() => controller.abort())
    expect(await it.next(controller.signal)).toBeUndefined()
    expect(await it.next(controller.signal)).toBeUndefined()
    expect(waits).toHaveLength(1)
  })
})
