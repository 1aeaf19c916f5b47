import { systemClock } from '../../src/clock.ts'
import { silentLogger } from '../../src/logger.ts'
import { EventStore, storeSchema } from '../../src/stream/store/event-store.ts'
import { episodeEvent } from './events.ts'

/**
 * `node store-child.ts <path> <callers> [exit after ms]`: so many callers append events of one, two or three at once, and print
 * `number eventId` for each that is acknowledged.
 */
const [path, callers, exitAfter] = process.argv.slice(2)
const store = new EventStore(storeSchema.parse({ path }), systemClock, silentLogger)
await store.start()
process.stdout.write(`ready ${store.last}\n`)
if (exitAfter) setTimeout(() => process.exit(), Number(exitAfter))

let offset = Date.now()
async function append(): Promise<void> {
  for (;;) {
    const events = Array.from({ length: 1 + (offset % 3) }, () => episodeEvent(offset++))
    const numbers = await store.append(events, { newest: offset })
    process.stdout.write(events.map((event, i) => `${numbers[i]} ${event.eventId}\n`).join(''))
  }
}
await Promise.all(Array.from({ length: Number(callers) }, append))
