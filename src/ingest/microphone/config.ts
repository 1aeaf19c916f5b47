import { z } from '../../config.ts'
import { signalOptions } from '../signal/config.ts'

/** The programs that record, in the order in which `auto` looks for them. */
export const RECORDERS = ['sox', 'rec', 'arecord'] as const

export type RecorderName = (typeof RECORDERS)[number]

/** Options of a source of `type: microphone`: sound from a device of this machine, by a recorder program. */
export const microphoneSourceSchema = z
  .strictObject({
    type: z.literal('microphone').describe('Sound from a device of this machine'),
    recorder: z
      .enum(['auto', ...RECORDERS])
      .default('auto')
      .describe('Program that records; auto takes the first that is installed: sox, rec, arecord'),
    device: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Device as the recorder names it: plughw:1,0 or hw:CARD=USB for ALSA, a source that `pactl list short sources` shows for PulseAudio; the default device when left out',
      ),
    driver: z
      .string()
      .regex(/^\w+$/)
      .optional()
      .describe(
        'Audio system that sox and rec use, for example alsa, pulseaudio or coreaudio; when left out it follows from the device, else sox chooses',
      ),
    sample_rate: z
      .number()
      .int()
      .min(1000)
      .max(768_000)
      .nullable()
      .default(null)
      .describe(
        'Samples a second that the recorder gives, resampled to those of the model; null: it gives those of the model',
      ),
    channels: z.number().int().min(1).max(64).default(1).describe('Channels that the recorder gives'),
    channel: z
      .union([z.literal('mean'), z.number().int().min(1)])
      .default('mean')
      .describe('Channel that is listened to, from 1, or the mean of all'),
    stall_seconds: z
      .number()
      .min(0.5)
      .default(5)
      .describe('A recorder that gives nothing for so long is ended and started again'),
    restart: z
      .strictObject({
        first_seconds: z
          .number()
          .gt(0)
          .default(0.5)
          .describe('Wait before the first restart; it doubles with each that fails'),
        last_seconds: z.number().gt(0).default(30).describe('Longest wait'),
        limit: z
          .number()
          .int()
          .min(1)
          .default(10)
          .describe('More failures than this within `within_seconds` are a storm'),
        within_seconds: z
          .number()
          .gt(0)
          .default(120)
          .describe('Time over which failures are counted, whatever worked in between'),
        pause_seconds: z.number().gt(0).default(60).describe('Wait before the next start in a storm'),
      })
      .prefault({})
      .describe('How a recorder that ended is started again; waits are between half and all of these'),
    ...signalOptions,
  })
  .refine(({ channel, channels }) => channel === 'mean' || channel <= channels, {
    path: ['channel'],
    message: 'there are not so many `channels`',
  })

export type MicrophoneSourceConfig = z.infer<typeof microphoneSourceSchema>

/** What a recorder is started with. */
export type RecorderOptions = Pick<MicrophoneSourceConfig, 'device' | 'driver' | 'channels'> & {
  readonly recorder: RecorderName
  readonly sampleRate: number
}
