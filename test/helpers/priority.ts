import { setPriority } from 'node:os'
import { expect } from 'vitest'

/** Tests that listen to sound as it plays: what computes gives way to them. */
const REAL_TIME = /microphone|overload|record/

if (!REAL_TIME.test(expect.getState().testPath ?? '')) setPriority(10)

// Python's libraries give each core a thread, and those that wait for a core that others use spin.
process.env.OMP_NUM_THREADS ??= '1'
process.env.OPENBLAS_NUM_THREADS ??= '1'
