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
 * Why an episode closed: normal windows followed, the feed ended or broke off, another daemon goes on with the source, this one stopped or
 * was interrupted, or the scores stayed on a new level for so long that it is normal now.
 */
export type CloseReason =
  | 'recovered'
  | 'source_ended'
  | 'source_failed'
  | 'handed_over'
  | 'stopped'
  | 'interrupted'
  | 'absorbed'

/** What an episode is like: the cluster that most of its anomalous windows belong to. */
export interface EpisodeCluster {
  /** Stable, and never given to another cluster of this daemon's store and key. */
  readonly id: number
  /** Names the model and the configuration of the clusters: an id under another key is of another cluster. */
  readonly key: string
  /** Id of the window that began it; undefined for clusters of the training, which all daemons of a bundle share. */
  readonly born?: string
  /** What people call it. */
  readonly label?: string
  /** Of the episode's most typical window from the centre, and up to where a latent belongs to the cluster. */
  readonly distance: number
  readonly radius: number
  /** Episodes of this cluster so far, this one included. */
  readonly episodes: number
  /** When the first and the latest of them before this one opened, ms since the epoch; both undefined for the first. */
  readonly firstAt?: number
  readonly lastAt?: number
  /** Ids of the windows of the cluster that are most like this episode, the nearest first. */
  readonly exemplars: readonly string[]
}

/** A part of a window's features that contributes to its score. */
export interface Contributor {
  readonly axis: 'frequency' | 'time' | 'region' | 'feature'
  /** For people: `2.1–2.6 kHz`, `0.31–0.42 s`, `rows 3–8, columns 4–9`. */
  readonly label: string
  /** Part of the squared residual in it, 0 to 1. Shares along one axis add up to 1 over all of its parts. */
  readonly share: number
  /** Mean of what came minus what was expected, in the unit of the features (dB for log-mel). */
  readonly difference: number
}

/** Why the worst window of an episode scored as it did. */
export interface Explanation {
  /** Id of that window, its time (ms since the epoch) and score. */
  readonly window: string
  readonly time: number
  readonly score: number
  /** One sentence for people. */
  readonly summary: string
  /** Largest first. */
  readonly contributors: readonly Contributor[]
}

/** Somebody has seen the episode. */
export interface Acknowledgement {
  readonly who: string
  /** ms since the epoch. */
  readonly at: number
  readonly note?: string
}

/** The episode is not to alert anybody. */
export interface EpisodeMute {
  /** Id of the mute that says so. */
  readonly id: string
  readonly reason: 'mute' | 'false_alarm'
}

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
  readonly cluster?: EpisodeCluster
  readonly explanation?: Explanation
  readonly acknowledged?: Acknowledgement
  readonly muted?: EpisodeMute
}

/** `explained`, `acknowledged` and `muted` may also come after the close. */
export type EpisodeChange = 'opened' | 'updated' | 'closed' | 'explained' | 'acknowledged' | 'muted'

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

/** Clusters changed with a window of a source. Clusters belong to the bundle: all sources share them. */
export interface ClusterEvent {
  readonly type: 'cluster.born' | 'cluster.merged' | 'cluster.split' | 'cluster.forgotten'
  readonly eventId: string
  /** Of the window that did it. */
  readonly source: string
  readonly window: string
  /** Of that window, ms since the epoch. */
  readonly time: number
  readonly cluster: number
  /** The cluster that goes on (merged), or that a part of it is now (split). */
  readonly into?: number
  /** What people call the cluster. */
  readonly label?: string
}

/**
 * The scores of a source slowly became others than they were, or are as before again. `level`: another level than the source's own;
 * `distribution`: another population than the calibration; `absorbed`: a level above the threshold is the new normal.
 */
export interface DriftEvent {
  readonly type: 'drift.began' | 'drift.over'
  readonly eventId: string
  readonly source: string
  readonly kind: 'level' | 'distribution' | 'absorbed'
  /** Feed time of this, and about when it began; ms since the epoch. */
  readonly time: number
  readonly since: number
  /** Geometric mean of the scores before (or of the calibration), and now. */
  readonly before: number
  readonly after: number
  /** Population stability index against the calibration. */
  readonly psi: number
}

export type DecisionAction =
  | 'threshold.set'
  | 'threshold.reset'
  | 'episode.acknowledged'
  | 'cluster.labelled'
  | 'muted'
  | 'unmuted'
  | 'mute.expired'
  | 'false_alarm'
  | 'recalibrated'
  | 'recalibration.reverted'

/** Somebody changed something: an entry of the audit log. */
export interface DecisionEvent {
  readonly type: 'decision'
  readonly eventId: string
  readonly action: DecisionAction
  /** ms since the epoch. */
  readonly time: number
  readonly who: string
  /** The source that it is about; empty for all. */
  readonly source: string
  readonly cluster?: number
  readonly episodeId?: string
  readonly note?: string
  /** What was so before and is so now, as JSON. */
  readonly before: unknown
  readonly after: unknown
}

/** Everything that is stored, numbered and published. */
export type AuscultEvent = EpisodeEvent | SourceEvent | ClusterEvent | DriftEvent | DecisionEvent
