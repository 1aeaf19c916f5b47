/**
 * The words of DESIGN §2 as types. Shared by ingest, model, stream and train.
 */

/** A fixed-length piece of a feed: audio samples `[samples]`, or one detector frame of any shape. */
export interface Window {
  /** Name of the source (the feed) it came from. */
  readonly source: string
  /** Deterministic id, the same when the same input is read again: `source/stream/offset`. */
  readonly id: string
  /** Count of this window within its source since start, from 0. */
  readonly index: number
  /** Where it lies in its source: the file or partition, and the offset of its first sample (or frame) there. */
  readonly stream: string
  readonly offset: number
  /** Time of the first sample in milliseconds since the epoch: capture time for live feeds, replay time for files. */
  readonly time: number
  /** Row-major values. The receiver owns the array once the window is delivered; the source never touches it again. */
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** What a source yields: a window, and the call that says its outcome is durable. `ack` is called once, or never if the daemon gives it up. */
export interface Delivery {
  readonly window: Window
  ack(): void
  /**
   * Of resumable feeds: the window is scored, but what it means depends on windows to come; `ack` follows with one of them. A feed that
   * waits for its windows must not wait for these, and must not commit beyond them.
   */
  hold?(): void
  /** Gives the array of the window back, which then gets other samples. Called once, by whoever has it, and by nobody who let others look. */
  recycle?(): void
}

/** Windows (usually one) that were received but could not be made into data. */
export interface SourceFailure {
  readonly source: string
  /** Label of the count: `input_invalid`, `non_finite`, … */
  readonly reason: string
  /** File and byte, or topic/partition/offset. */
  readonly at: string
  readonly error: unknown
  readonly windows: number
}

/** A trouble of a feed itself, as opposed to an anomaly in what it shows. */
export type SourceCondition = 'down' | 'silence' | 'flat_line' | 'clipping' | 'wrong_rate'

/** What a feed tells besides its windows. Calls are cheap, may come at any time, and never throw. */
export interface SourceReports {
  failed(failure: SourceFailure): void
  /** A trouble began, and `message` says what it is; or it is over (undefined). Saying the same again changes nothing. */
  condition(source: string, condition: SourceCondition, message: string | undefined): void
  /** Data are missing or out of order between two windows, and the windower began anew behind them. */
  gap(source: string, at: string): void
  /** Items that wait at the origin: the lag of a consumer group, files that wait in a folder. */
  lag(source: string, items: number): void
  /** What feeds the source was started anew: a recorder process, a membership in a consumer group. */
  restarted(source: string): void
  /** No more windows of this source come from here; another process may go on with it. Resolves when all of it is settled and durable. */
  released(source: string): Promise<void>
}

/** A scored window, without its samples. */
export interface Score {
  readonly source: string
  readonly id: string
  readonly index: number
  readonly stream: string
  readonly offset: number
  /** Milliseconds since the epoch of the window's first sample. */
  readonly time: number
  /** Seconds that the window spans; 0 for a detector frame. */
  readonly duration: number
  readonly score: number
  readonly threshold: number
  readonly anomalous: boolean
  /** Whether it is of an earlier time than a window of its source that came before it. */
  readonly late: boolean
  /** Bottleneck vector, `[d]`. */
  readonly latent: Float32Array
}

export type EpisodeState = 'open' | 'closed'

/**
 * Why an episode closed: normal windows followed, the feed ended or broke off, another daemon goes on with the source, or this one
 * stopped or was interrupted.
 */
export type CloseReason = 'recovered' | 'source_ended' | 'source_failed' | 'handed_over' | 'stopped' | 'interrupted'

/** A run of anomalous windows of one source. */
export interface Episode {
  /** Deterministic: the id of its first anomalous window, `source/stream/offset`. */
  readonly id: string
  readonly source: string
  readonly state: EpisodeState
  /** Time of the first anomalous window, ms since the epoch. */
  readonly openedAt: number
  /** Time of the last anomalous window seen so far (its end), ms since the epoch. */
  readonly lastAt: number
  /** Set when closed: the end of the last anomalous window. */
  readonly closedAt?: number
  /** Set when closed. */
  readonly closeReason?: CloseReason
  /** Where it began, to find it in the recording. */
  readonly stream: string
  readonly offset: number
  /** Anomalous windows in it. Peak and mean are over these. */
  readonly windows: number
  readonly peakScore: number
  readonly meanScore: number
  readonly threshold: number
}

export type EpisodeChange = 'opened' | 'updated' | 'closed'

/** What is stored and published. `eventId` is deterministic so that readers can drop duplicates. */
export interface EpisodeEvent {
  readonly type: `episode.${EpisodeChange}`
  readonly eventId: string
  readonly episode: Episode
}

/** A trouble of a feed began or is over. */
export interface SourceEvent {
  readonly type: 'source.troubled' | 'source.recovered'
  readonly eventId: string
  readonly source: string
  readonly condition: SourceCondition
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly message: string
}

/** Everything that is stored, numbered and published. */
export type AuscultEvent = EpisodeEvent | SourceEvent
