import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { EventStore, storeSchema } from '../../src/stream/store/event-store.ts'
import { webhookSchema } from '../../src/stream/webhook/config.ts'
import { WebhookSink } from '../../src/stream/webhook/webhook-sink.ts'
import { episodeEvent } from './events.ts'

/** `node webhook-child.ts <path of the store> <url>`: stores events one after the other, and tells the receiver at the url. Prints `ready`. */
const [path, url] = process.argv.slice(2)
const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
await store.start()
const sink = new WebhookSink({
  name: 'team',
  config: webhookSchema.parse({ url, retry: { first_seconds: 0.05, last_seconds: 0.2 } }),
  ...{ store, publicUrl: null, clock: systemClock, logger: silentLogger },
})
await sink.start()
process.stdout.write('ready\n')
for (let offset = store.last + 1; ; offset++) {
  const event = episodeEvent(offset)
  const [seq] = await store.append([event])
  sink.event(event, seq)
  await new Promise(resolve => setTimeout(resolve, 2))
}
