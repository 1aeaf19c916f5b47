import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'
import { ARCHITECTURES, benchProgram } from '../architectures.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

/** One optimiser step (forward, backward, Adam) on a full batch. */
export async function measure(job: Job & { architecture: string }): Promise<Timing> {
  const { featureShape, batch } = ARCHITECTURES[job.architecture]
  const program = await benchProgram(job.architecture, job.threads)
  const random = seeded(1)
  const items = Float32Array.from({ length: batch * sizeOf(featureShape) }, () => random.uniform())
  return repeat(() => program.step(items, batch, 0.001), job.seconds)
}
