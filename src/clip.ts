/** What was heard or seen around the worst window of an episode. */
export type Clip = AudioClip | FrameClip

export interface AudioClip {
  readonly kind: 'audio'
  /** One channel, without a break. */
  readonly samples: Float32Array
  readonly sampleRate: number
}

export interface FrameClip {
  readonly kind: 'frames'
  /** `[n × frame size]` */
  readonly frames: Float32Array
  /** Of one frame. */
  readonly shape: readonly number[]
  /** `[n]`: milliseconds since the epoch. */
  readonly times: Float64Array
  /** `[n]` */
  readonly scores: Float64Array
}

/** A clip as a file. */
export interface EncodedClip {
  /** Media type. */
  readonly type: string
  /** With the dot. */
  readonly extension: string
  readonly bytes: Uint8Array
}
