import { setPriority } from 'node:os'
import { expect } from 'vitest'

/** Tests that listen to sound as it plays: what computes gives way to them. */
const REAL_TIME = /microphone|overload|record/

if (!REAL_TIME.test(expect.getState().testPath ?? '')) setPriority(10)
