import { writeFileSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { inside, openGate } from '../../src/stream/store/gate.ts'
import { workerFlags } from '../../src/worker-url.ts'

/** `node gate-child.ts <file>`: the process ends while its thread is inside; the thread then writes the file, and goes inside once more. */
const here = new URL(import.meta.url)
if (isMainThread) {
  const gate = openGate()
  const worker = new Worker(here, {
    workerData: { gate: gate.buffer, file: process.argv[2] },
    execArgv: workerFlags(here),
  })
  worker.on('message', () => process.exit(3))
} else {
  const { gate, file } = workerData as { gate: SharedArrayBuffer; file: string }
  const lock = new Int32Array(gate)
  inside(lock, () => {
    parentPort!.postMessage('inside')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    writeFileSync(file, 'out')
  })
  for (;;) inside(lock, () => writeFileSync(file, 'out, and in again after the end'))
}
