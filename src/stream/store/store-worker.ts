import { parentPort, workerData } from 'node:worker_threads'
import { toWire } from '../scorer-protocol.ts'
import { EventDatabase } from './database.ts'
import { inside } from './gate.ts'
import type { FromStore, StoreWorkerData, ToStore } from './protocol.ts'
import { storeError } from './store-error.ts'

// Entry of the thread of the store: a commit waits for the disk, so it must not be made on the main one.

const port = parentPort!
const { path, taken, gate } = workerData as StoreWorkerData
const lock = new Int32Array(gate)
const send = (message: FromStore) => port.postMessage(message)

function answer(database: EventDatabase, message: ToStore): void {
  if (message.type === 'close') end(database)
  else {
    const { id, method, args } = message
    try {
      const call = database[method] as (...args: readonly unknown[]) => unknown
      send({ type: 'done', id, result: call.apply(database, [...args]) })
    } catch (error) {
      send({ type: 'failed', id, error: toWire(storeError(error, path)) })
      // The thread that starts this one starts it again, with a new file.
      if (database.gone) end(database)
    }
  }
}

function end(database: EventDatabase): void {
  database.close()
  port.close()
}

inside(lock, () => {
  try {
    const database = new EventDatabase(path, taken)
    port.on('message', (message: ToStore) => inside(lock, () => answer(database, message)))
    send({ type: 'opened', opened: database.opened() })
  } catch (error) {
    send({ type: 'refused', error: toWire(storeError(error, path)) })
  }
})
