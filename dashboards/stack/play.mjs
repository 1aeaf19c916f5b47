// Sends a recording to a Kafka topic as live sound, over and over: each key is a machine, which begins at its own second of the recording.
//   node play.mjs --brokers kafka:9092 --topic sound --key press-1=0 --key press-2=150 recording.wav
// The recording is wav: 16 bit, mono. Messages are 100 ms of s16le, with their number in the header `seq`.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Kafka, logLevel, Partitioners } from 'kafkajs'

const SECONDS = 0.1

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    brokers: { type: 'string', default: 'localhost:9094' },
    topic: { type: 'string', default: 'sound' },
    key: { type: 'string', multiple: true, default: ['machine=0'] },
  },
})
const { rate, samples } = readWav(positionals[0])
const bytes = 2 * Math.round(SECONDS * rate)
const machines = values.key.map(text => {
  const [key, begin = '0'] = text.split('=')
  return { key, position: (Math.round(Number(begin) / SECONDS) * bytes) % samples.length, seq: 0 }
})

const kafka = new Kafka({ clientId: 'play', brokers: values.brokers.split(','), logLevel: logLevel.ERROR })
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
let playing = true
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (playing = false))

await producer.connect()
console.log(`playing ${positionals[0]} to ${values.topic} as ${machines.map(({ key }) => key).join(', ')}`)
const startedAt = Date.now()
for (let tick = 1; playing; tick++) {
  await sleep(Math.max(0, startedAt + 1000 * SECONDS * tick - Date.now()))
  await producer.send({ topic: values.topic, messages: machines.map(next) })
}
await producer.disconnect()

/** The next stretch of a machine's sound. At the end of the recording it begins anew, and the number that is left out says so. */
function next(machine) {
  if (machine.position + bytes > samples.length) {
    machine.position = 0
    machine.seq++
  }
  const value = samples.subarray(machine.position, machine.position + bytes)
  machine.position += bytes
  return { key: machine.key, value, headers: { seq: String(machine.seq++) } }
}

function readWav(path) {
  const file = readFileSync(path)
  let rate = 0
  for (let at = 12; at + 8 <= file.length; at += 8 + file.readUInt32LE(at + 4)) {
    const name = file.toString('latin1', at, at + 4)
    const isPcm = name !== 'fmt ' || (file.readUInt16LE(at + 8) === 1 && file.readUInt16LE(at + 22) === 16)
    if (!isPcm || (name === 'fmt ' && file.readUInt16LE(at + 10) !== 1)) break
    if (name === 'fmt ') rate = file.readUInt32LE(at + 12)
    if (name === 'data' && rate > 0) {
      return { rate, samples: file.subarray(at + 8, at + 8 + file.readUInt32LE(at + 4)) }
    }
  }
  console.error(`${path}: not a wav of 16 bit, mono`)
  process.exit(2)
}
