import { createHash } from 'node:crypto'
import { systemClock } from '../../src/clock.ts'
import { KafkaSource } from '../../src/ingest/kafka/kafka-source.ts'
import { silentLogger } from '../../src/logger.ts'
import { kafkaConfig } from './kafka-feed.ts'
import { Reports } from './reports.ts'

/** `node kafka-sound-child.ts <spec> <options>`: reads a topic, and takes a window each 10 ms, and prints a line before it is acknowledged some time later. */
const [spec, options] = process.argv.slice(2).map(text => JSON.parse(text))
const source = new KafkaSource('press', kafkaConfig(options), spec, systemClock, silentLogger)
for await (const { window, ack } of source.deliveries(new AbortController().signal, new Reports())) {
  const hash = createHash('sha256').update(Buffer.from(window.data.buffer)).digest('hex')
  const decided = () => {
    process.stdout.write(`${JSON.stringify([window.id, window.source, window.time, hash])}\n`)
    ack()
  }
  setTimeout(decided, 5 + (window.index % 5) * 40)
  await systemClock.sleep(10)
}
