import { readdirSync, readlinkSync } from 'node:fs'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Session } from '../engine.ts'
import { encodeModel, ONNX_TYPE } from '../onnx/model.ts'
import { isCard } from './graphics.ts'
import { createSessionOn } from './onnx-session.ts'
import type { TrialResult } from './trial.ts'

// Entry of a process that tries one device: what a driver prints, or breaks, stays in here.

const N = 8
/** Of a product of 8 × 8 matrices; TF32 keeps ten bits. */
const TOLERANCE = 1e-2

const matrix = (name: string) => ({
  name,
  type: { tensorType: { elemType: ONNX_TYPE.float32, shape: { dim: [{ dimValue: N }, { dimValue: N }] } } },
})

const product = () =>
  encodeModel({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'trial',
      node: [{ opType: 'MatMul', input: ['a', 'b'], output: ['c'] }],
      input: [matrix('a'), matrix('b')],
      output: [matrix('c')],
    },
  })

/** Largest error of the device's product of two matrices. */
async function error(session: Session): Promise<number> {
  const a = Float32Array.from({ length: N * N }, (_, i) => Math.sin(i))
  const b = Float32Array.from({ length: N * N }, (_, i) => Math.cos(i))
  const shape = [N, N]
  const { c } = await session.run({ a: { data: a, shape }, b: { data: b, shape } })
  const errors = Array.from(c.data, (value, i) => {
    const row = Math.floor(i / N) * N
    let sum = 0
    for (let k = 0; k < N; k++) sum += a[row + k] * b[k * N + (i % N)]
    return Math.abs(value - sum)
  })
  return Math.max(...errors)
}

/** Cards that this process has open; undefined where the system does not tell. */
function openCards(): string[] | undefined {
  if (process.platform !== 'linux') return undefined
  const files = readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // The folder itself was open while it was listed.
      return []
    }
  })
  return [...new Set(files.filter(isCard))]
}

async function attempt(device: Session['device']): Promise<TrialResult> {
  try {
    const session = await createSessionOn(device, product(), { device, threads: 1 }, [], [])
    const largest = await error(session)
    if (!(largest <= TOLERANCE)) return { works: false, message: `it computes wrongly: a product is off by ${largest}` }
    return { works: true, cards: openCards() }
  } catch (failure) {
    const cause = failure instanceof AuscultError && failure.cause ? failure.cause : failure
    return { works: false, message: messageOf(cause) }
  }
}

const result = await attempt(process.argv[2] as Session['device'])
// Drivers have been seen to crash while they are unloaded: what was found is told first.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
