import { systemClock } from '../../src/clock.ts'
import { recordSchema } from '../../src/ingest/record/config.ts'
import { Recorder } from '../../src/ingest/record/recorder.ts'

/** `node record-child.ts <folder>`: records a feed of 0.1 s windows in real time, and prints how many it has taken. */
const nothing = () => {}
const recorder = new Recorder({
  source: 'pump',
  config: recordSchema.parse({ folder: process.argv[2] }),
  sampleRate: 1000,
  shape: [100],
  clock: systemClock,
  signal: new AbortController().signal,
  events: { finished: nothing, recovered: nothing, deleted: nothing, trouble: nothing, relieved: nothing },
})
await recorder.open()
const start = Date.now()
for (let index = 0; ; index++) {
  const place = { source: 'pump', id: `${index}`, index, stream: 'mic', offset: index * 100, time: start + index * 100 }
  await recorder.take({ window: { ...place, data: new Float32Array(100).fill(0.5), shape: [100] }, ack: nothing })
  process.stdout.write(`${index + 1}\n`)
  await new Promise(resolve => setTimeout(resolve, 100))
}
