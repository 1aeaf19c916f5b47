import { readFileSync } from 'node:fs'
import type { Device } from '../../../src/model/engine.ts'
import { createOnnxSession } from '../../../src/model/engines/onnx.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

/** What the daemon asks the scoring graph for; the reconstruction is computed and left inside. */
const WANTED = ['score', 'latent']

/** One batch through the scoring graph. */
export async function measure(job: Job & { model: string; shape: number[]; device?: Device }): Promise<Timing> {
  const session = await createOnnxSession(readFileSync(job.model), {
    device: job.device ?? 'cpu',
    threads: job.threads,
  })
  const random = seeded(1)
  const data = Float32Array.from({ length: sizeOf(job.shape) }, () => random.uniform())
  return repeat(() => session.run({ features: { data, shape: job.shape } }, WANTED), job.seconds)
}
