import { checkConfig } from '../config.ts'
import { type DaemonConfig, daemonConfigSchema } from '../daemon.ts'
import { type TrainConfig, trainConfigSchema } from '../train/config.ts'
import { SAMPLE_RATE } from '../train/synth/index.ts'

/** Seconds of a window, and from one to the next: short enough to find a fault within two seconds of its onset. */
export const WINDOW_SECONDS = 1
export const HOP_SECONDS = 0.25

/** Name of the feed. */
export const SOURCE = 'fan'

/**
 * A dense autoencoder over three log-mel frames of 128 ms. Long frames tell the rotor's orders from each other, which is where an imbalance
 * shows, and steady the spectrum where it is noise.
 */
export function trainingConfig(recordings: string, bundle: string, seed: number): TrainConfig {
  const config = {
    name: 'belt-driven fan (demo)',
    output: bundle,
    input: { paths: [recordings] },
    front_end: {
      type: 'log-mel',
      sample_rate: SAMPLE_RATE,
      window_seconds: WINDOW_SECONDS,
      n_fft: 2048,
      hop_length: 512,
      n_mels: 128,
      center: false,
      stack: 3,
    },
    fragments: { hop_seconds: WINDOW_SECONDS },
    architecture: { type: 'dense-ae' },
    training: { batch_size: 256, epochs: 20, reduce_on_plateau: { patience: 3 }, early_stopping: { patience: 8 } },
    seed,
  }
  return checkConfig(config, trainConfigSchema, 'demo')
}

/** @param speed times real time, over and over; 0 plays the feed once, as fast as possible */
export function daemonConfig(feed: string, bundle: string, port: number, speed: number): DaemonConfig {
  const config = {
    bundle,
    sources: { [SOURCE]: { type: 'files', path: feed, speed, loop: speed > 0 } },
    window: { hop_seconds: HOP_SECONDS },
    detector: { threshold: { policy: 'gamma', quantile: 0.99999 }, open_after: 3, close_after: 4 },
    http: { port },
  }
  return checkConfig(config, daemonConfigSchema, 'demo')
}
