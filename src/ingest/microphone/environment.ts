import type { RecorderOptions } from './config.ts'

/** Names that PulseAudio and PipeWire give to their sources. */
const PULSE_SOURCE = /^(alsa_(input|output)\.|bluez_|.+\.monitor$)/

/**
 * Variables that a recorder is started with. node-record-lpcm16 hands a device to sox and arecord, but none to rec, and no driver to any; and without a
 * driver sox looks for a named source of PulseAudio among the devices of ALSA.
 */
export function recorderEnvironment(
  { recorder, device, driver }: Pick<RecorderOptions, 'recorder' | 'device' | 'driver'>,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  // PulseAudio hands over two seconds at a time unless it is asked for less.
  const latency = { PULSE_LATENCY_MSEC: env.PULSE_LATENCY_MSEC ?? '50' }
  if (recorder === 'arecord') return latency
  const system = driver ?? (device && PULSE_SOURCE.test(device) ? 'pulseaudio' : undefined)
  return {
    ...latency,
    // Dither would make noise of the zeros that a muted input gives.
    SOX_OPTS: [env.SOX_OPTS, '--no-dither'].filter(Boolean).join(' '),
    ...(device !== undefined && { AUDIODEV: device }),
    ...(system !== undefined && { AUDIODRIVER: system }),
  }
}

/** Runs `work`, which starts a process and does not wait, with these variables set. */
export function withEnvironment<T>(variables: Readonly<Record<string, string>>, work: () => T): T {
  const before = Object.keys(variables).map(name => [name, process.env[name]] as const)
  Object.assign(process.env, variables)
  try {
    return work()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
