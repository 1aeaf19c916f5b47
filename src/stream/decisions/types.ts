import type { z } from '../../config.ts'
import type { RecalibrationReport } from '../../model/drift/recalibrate.ts'
import type { Calibration } from '../../model/manifest.ts'
import type { ThresholdPolicy, thresholdSchema } from '../../model/threshold.ts'
import type { Episode, EpisodeMute } from '../../types.ts'

/** Who decides, and why. */
export interface By {
  readonly who: string
  readonly note?: string
}

/** What is muted: episodes of a source, or those of a cluster. */
export type MuteTarget = { readonly source: string } | { readonly cluster: number }

/** Episodes that are not to alert anybody. They are stored, published and counted as all others. */
export interface Mute {
  /** Short, for people: `m7`. Never given again. */
  readonly id: string
  /** `false_alarm`: only what is like that episode, within the radius of its cluster. */
  readonly reason: EpisodeMute['reason']
  /** Only episodes of this source. */
  readonly source?: string
  /** Only episodes of this cluster. */
  readonly cluster?: number
  /** Which clusters it is one of: others of the same number, of another bundle, are not meant. */
  readonly key?: string
  /** Of a false alarm: the episode that was one. */
  readonly episodeId?: string
  /** End, ms since the epoch; null: until somebody ends it. */
  readonly until: number | null
  readonly who: string
  /** Since when, ms since the epoch. */
  readonly at: number
  readonly note?: string
  /** Episodes that it has muted; of a false alarm, those after that one. */
  readonly episodes: number
  /** When the latest of them opened, ms since the epoch. */
  readonly lastAt?: number
  /** Its cluster is of another bundle or configuration: it waits until that is used again. */
  readonly dormant: boolean
}

/** A threshold that somebody set instead of the configured one. */
export interface ThresholdChoice {
  readonly policy: ThresholdPolicy
  readonly who: string
  /** ms since the epoch. */
  readonly at: number
  readonly note?: string
}

export interface Thresholds {
  readonly configured: ThresholdPolicy
  /** For all sources without one of their own. */
  readonly all?: ThresholdChoice
  readonly sources: readonly (ThresholdChoice & { readonly source: string })[]
}

/** How a threshold is now. */
export interface ThresholdSet {
  /** Undefined: of all sources without one of their own. */
  readonly source?: string
  readonly policy: ThresholdPolicy
  /** The score above which windows are anomalous; of a policy that moves, the first. Of `all`, by the bundle's calibration. */
  readonly threshold: number
}

export interface Recalibrated {
  readonly source: string
  readonly report: RecalibrationReport
  /** False when it was only tried (`dryRun`). */
  readonly applied: boolean
}

/** A calibration was put back. */
export interface Reverted {
  readonly source: string
  /** Thresholds by the policy in force, with the calibration that was given up and the one that is back. */
  readonly before: number
  readonly after: number
  /** How many more steps back there are. */
  readonly left: number
}

/**
 * What people may decide while the daemon runs. Changes are made one after the other; each is durable, with its entry in the audit log,
 * before it takes effect, and is in force again after a restart.
 *
 * All changing methods throw AUSCULT_STORE when the change cannot be made durable, and AUSCULT_USAGE when `by` names nobody. What was
 * refused has changed nothing.
 */
export interface Deciding {
  /** @throws AUSCULT_NOT_FOUND; AUSCULT_CONFIG when the calibration does not allow the policy */
  setThreshold(source: string | undefined, policy: z.input<typeof thresholdSchema>, by: By): Promise<ThresholdSet>
  /** Gives up a threshold that was set: that for all, or the configured one, is in force again. @throws AUSCULT_NOT_FOUND */
  resetThreshold(source: string | undefined, by: By): Promise<ThresholdSet>
  thresholds(): Thresholds
  /** The policy in force: the source's own, else that for all, else the configured one. */
  policyOf(source: string): ThresholdPolicy
  /** The calibration in force: the source's own, else the bundle's. */
  calibrationOf(source: string): Calibration

  /** Somebody has seen the episode; a later one replaces the earlier. @throws AUSCULT_NOT_FOUND */
  acknowledge(episodeId: string, by: By): Promise<Episode>
  /** Names a cluster; null takes the name away. @throws AUSCULT_NOT_FOUND */
  label(cluster: number, label: string | null, by: By): Promise<{ cluster: number; label: string | null }>

  /** @param seconds null: until it is ended @throws AUSCULT_NOT_FOUND */
  mute(target: MuteTarget, seconds: number | null, by: By): Promise<Mute>
  /** Mutes what is like this episode. @throws AUSCULT_NOT_FOUND; AUSCULT_USAGE when the episode belongs to no cluster */
  falseAlarm(
    episodeId: string,
    options: { readonly seconds?: number | null; readonly sourceOnly?: boolean },
    by: By,
  ): Promise<{ episode: Episode; mute: Mute }>
  /** Ends a mute, and returns it as it was. @throws AUSCULT_NOT_FOUND */
  unmute(id: string, by: By): Promise<Mute>
  /** Those in force or dormant, oldest first. */
  mutes(): readonly Mute[]

  /** @throws AUSCULT_NOT_FOUND, AUSCULT_RECALIBRATION, AUSCULT_CONFIG */
  recalibrate(
    source: string,
    options: { readonly force?: boolean; readonly dryRun?: boolean },
    by: By,
  ): Promise<Recalibrated>
  /** Takes the latest recalibration of a source back; again, the one before it. @throws AUSCULT_NOT_FOUND, AUSCULT_RECALIBRATION */
  revert(source: string, by: By): Promise<Reverted>
}
