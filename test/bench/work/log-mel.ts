import { checkConfig } from '../../../src/config.ts'
import { frontEndSchema } from '../../../src/model/frontends/config.ts'
import { createFrontEnd } from '../../../src/model/frontends/create.ts'
import { sizeOf } from '../../../src/model/frontends/frontend.ts'
import { seeded } from '../../../src/random.ts'
import { type Job, repeat, type Timing } from '../timing.ts'

/** Ten seconds at 16 kHz. */
export const CLIP = 160_000

/** One clip to 128 log-mel bins, on one thread, as librosa.feature.melspectrogram and power_to_db with the same parameters. */
export async function measure(job: Job & { nFft: number }): Promise<Timing> {
  const raw = { type: 'log-mel', n_fft: job.nFft, hop_length: 512, n_mels: 128, window_samples: CLIP }
  const frontEnd = createFrontEnd(checkConfig(raw, frontEndSchema, 'bench'))
  const random = seeded(1)
  const clip = Float32Array.from({ length: CLIP }, () => 0.1 * random.normal())
  const out = new Float32Array(frontEnd.items * sizeOf(frontEnd.featureShape))
  return repeat(() => frontEnd.transform(clip, out), job.seconds)
}
