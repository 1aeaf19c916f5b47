/** The part of node-record-lpcm16 1.0.1 that is used; the package brings no types. */
declare module 'node-record-lpcm16' {
  import type { ChildProcessWithoutNullStreams } from 'node:child_process'
  import type { Readable } from 'node:stream'

  interface RecordOptions {
    recorder: 'sox' | 'rec' | 'arecord'
    sampleRate: number
    channels: number
    audioType: 'raw' | 'wav'
    endOnSilence: boolean
    device: string | null
  }

  interface Recording {
    readonly process: ChildProcessWithoutNullStreams
    stream(): Readable
  }

  const lpcm16: { record(options: RecordOptions): Recording }
  export default lpcm16
}
