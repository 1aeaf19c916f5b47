/**
 * Whether a thread is inside native code. A thread that is torn down there takes the process with it (the engine aborts), so the end of
 * the process waits until it is out, and lets it in no more.
 */
const IDLE = 0
const BUSY = 1
const SHUT = 2
/** Places in the gate: one of the above, and 1 once the end has come, so that a busy thread does not slip in again and again. */
const STATE = 0
const ENDING = 1
/** Longer than this the disk hangs, and there is no clean end. */
const PATIENCE_MS = 5000

const gates = new Set<Int32Array>()

/** For the thread that owns the native code: runs `work`, or does not while the process ends. */
export function inside(gate: Int32Array, work: () => void): void {
  if (Atomics.load(gate, ENDING) === 1 || Atomics.compareExchange(gate, STATE, IDLE, BUSY) !== IDLE) return
  try {
    work()
  } finally {
    Atomics.store(gate, STATE, IDLE)
    Atomics.notify(gate, STATE)
  }
}

/** A gate that is shut when this process (or the thread that called) exits. */
export function openGate(): Int32Array<SharedArrayBuffer> {
  const gate = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  if (gates.size === 0) process.on('exit', shutAll)
  gates.add(gate)
  return gate
}

/** Forgets a gate whose thread is gone. */
export function dropGate(gate: Int32Array): void {
  gates.delete(gate)
  if (gates.size === 0) process.off('exit', shutAll)
}

function shutAll(): void {
  for (const gate of gates) {
    const until = Date.now() + PATIENCE_MS
    Atomics.store(gate, ENDING, 1)
    while (Atomics.compareExchange(gate, STATE, IDLE, SHUT) === BUSY && Date.now() < until) {
      Atomics.wait(gate, STATE, BUSY, until - Date.now())
    }
  }
}
