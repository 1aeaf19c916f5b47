import type { Device, EngineName } from '../../../src/model/engine.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'
import type { TrainingProgram } from '../../../src/train/program.ts'
import type { Traffic } from '../../../src/train/training-state.ts'
import { ARCHITECTURES, benchProgram } from '../architectures.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

export interface TrainTiming extends Timing {
  /** Bytes of a step. */
  traffic: Traffic
}

const RATE = 0.001

/** One optimiser step (forward, backward, Adam) on a full batch; where a run takes several, its part of one. */
export async function measure(
  job: Job & { architecture: string; device?: Device; engine?: EngineName },
): Promise<TrainTiming> {
  const { featureShape, batch } = ARCHITECTURES[job.architecture]
  const program = await benchProgram(job.architecture, job.threads, job.device, job.engine)
  const { several } = program
  const steps = several?.count ?? 1
  const random = seeded(1)
  const items = Float32Array.from({ length: steps * batch * sizeOf(featureShape) }, () => random.uniform())
  const call = several ? () => several.run(items, RATE) : () => program.step(items, batch, RATE)
  const { best, median } = await repeat(call, job.seconds)
  return { best: best / steps, median: median / steps, traffic: await trafficOf(call, steps, program) }
}

async function trafficOf(call: () => Promise<unknown>, steps: number, { traffic }: TrainingProgram): Promise<Traffic> {
  const before = { toDevice: 0, fromDevice: 0, ...traffic }
  await call()
  const after = { toDevice: 0, fromDevice: 0, ...traffic }
  return {
    toDevice: (after.toDevice - before.toDevice) / steps,
    fromDevice: (after.fromDevice - before.fromDevice) / steps,
  }
}
