import { readFileSync } from 'node:fs'
import type { Bundle } from '../../../src/model/bundle.ts'
import type { Device } from '../../../src/model/engine.ts'
import { createTfjsSession } from '../../../src/model/engines/tfjs.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'
import { ARCHITECTURES } from '../architectures.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

interface TfjsJob extends Job {
  architecture: string
  batch: number
  model: string
  device: Device
}

/** One batch through the network on the engine tfjs. */
export async function measure({ architecture, batch, model, device, threads, seconds }: TfjsJob): Promise<Timing> {
  const { config, featureShape } = ARCHITECTURES[architecture]
  const manifest = { architecture: config, feature_shape: featureShape, score: 'mse' }
  const bundle = { folder: model, manifest, model: readFileSync(model) } as unknown as Bundle
  const session = await createTfjsSession(bundle, { engine: 'tfjs', device, threads })
  const shape = [batch, ...featureShape]
  const random = seeded(1)
  const data = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform())
  return repeat(() => session.run({ features: { data, shape } }, ['score', 'latent']), seconds)
}
