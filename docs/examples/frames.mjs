// A detector of 32 × 32 pixels that looks at a beam, as a producer for Kafka: ten frames a second, each a message of f32le.
//   node docs/examples/frames.mjs --brokers localhost:9094 --key west --key east
// With --faults the last detector has, for ten seconds of each minute, a row that is hot.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Kafka, Partitioners } from 'kafkajs'

const SIZE = 32
const PER_SECOND = 10

const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: 'localhost:9094' },
    topic: { type: 'string', default: 'frames' },
    key: { type: 'string', multiple: true, default: ['west', 'east'] },
    faults: { type: 'boolean', default: false },
  },
})
const kafka = new Kafka({ clientId: 'detector', brokers: values.brokers.split(',') })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
await producer.connect()
let running = true
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (running = false))

const startedAt = Date.now()
for (let tick = 1; running; tick++) {
  await sleep(Math.max(0, startedAt + (1000 / PER_SECOND) * tick - Date.now()))
  const seconds = tick / PER_SECOND
  const messages = values.key.map((key, i) => {
    const isHot = values.faults && i === values.key.length - 1 && seconds % 60 >= 50
    return { key, value: Buffer.from(frame(seconds + 7 * i, isHot).buffer) }
  })
  await producer.send({ topic: values.topic, messages })
}
await producer.disconnect()

/** Counts: a beam that wanders and breathes, on a background. */
function frame(seconds, isHot) {
  const [x0, y0] = [16 + 3 * Math.sin(seconds / 5), 16 + 2 * Math.cos(seconds / 7)]
  const level = 40 * (1 + 0.2 * Math.sin(seconds / 11))
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)]
    const beam = level * Math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 30)
    const expected = 2 + beam + (isHot && y === 5 ? 20 : 0)
    return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal()))
  })
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}
