import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/logger.ts'
import { EventStore, storeSchema } from '../../../src/stream/store/event-store.ts'
import { webhookSchema } from '../../../src/stream/webhook/config.ts'
import { WebhookSink } from '../../../src/stream/webhook/webhook-sink.ts'
import { episodeEvent } from '../../helpers/events.ts'
import { Receiver, status } from '../../helpers/receiver.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { until } from '../../helpers/until.ts'

const { folder } = temporaryFolder()
const children: ChildProcess[] = []
let receiver: Receiver
beforeAll(async () => {
  receiver = await new Receiver().start()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await receiver.stop()
})

/** Numbers without those that came a second time. */
const once = (seqs: readonly number[]) => seqs.filter((seq, i) => !seqs.slice(0, i).includes(seq))

it('every event arrives, in order, though the daemon is killed and the receiver fails', {
  timeout: 120_000,
}, async () => {
  const path = join(folder, 'events.db')
  for (let round = 0; round < 2; round++) {
    const before = receiver.received.length
    const args = ['--import', 'tsx', 'test/helpers/webhook-child.ts', path, receiver.url]
    const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    await until(() => receiver.received.length > before + 15, 60_000)
    receiver.answer = (response, received) => {
      if (round === 0) status(503)(response, received)
      else response.destroy()
    }
    const failedFrom = receiver.received.length
    await until(() => receiver.received.length > failedFrom + 1, 30_000)
    child.kill('SIGKILL')
    await new Promise(resolve => child.on('close', resolve))
    receiver.answer = status(204)
  }
  const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
  await store.start()
  const config = webhookSchema.parse({ url: receiver.url })
  const parts = { store, publicUrl: null, clock: systemClock, logger: silentLogger }
  const sink = new WebhookSink({ name: 'team', config, ...parts })
  await sink.start()
  const event = episodeEvent(1_000_000)
  const [last] = await store.append([event])
  sink.event(event, last)
  await until(() => sink.lag === 0, 60_000)
  expect(await store.cursor('webhook/team')).toBe(last)
  await sink.stop(Date.now() + 2000)
  await store.stop()
  const arrived = once(receiver.seqs)
  expect(arrived).toEqual(Array.from({ length: last }, (_, i) => i + 1))
  expect(receiver.received.length - arrived.length).toBeGreaterThan(0)
})
