import type { Fault, Schedule } from '../train/synth/index.ts'
import type { EpisodeEvent, Score } from '../types.ts'
import { type Detection, type Judgement, judge } from './judge.ts'

/** What happens in the feed and in the daemon, in order, times in seconds of the feed's current pass. */
export type Happening =
  | { type: 'begins' | 'ends'; at: number; fault: Fault }
  | { type: 'opened'; at: number; event: EpisodeEvent; fault: Fault | undefined }
  | { type: 'closed'; at: number; event: EpisodeEvent }
  | { type: 'explained'; at: number; event: EpisodeEvent }
  | { type: 'pass'; pass: number; judgement: Judgement }

/** Puts the daemon's scores and episodes beside the truth, over the passes of a feed that is played in a loop. */
export class Follower {
  windows = 0
  private readonly schedule: Schedule
  private readonly tolerance: number
  private readonly tell: (happening: Happening) => void
  private readonly truth: { type: 'begins' | 'ends'; at: number; fault: Fault }[]
  private detections: Detection[] = []
  private start: number | undefined
  private pass = 0
  private told = 0

  /** @param tolerance seconds after a fault's end in which an episode may still open, see `judge` */
  constructor(schedule: Schedule, tolerance: number, tell: (happening: Happening) => void) {
    this.schedule = schedule
    this.tolerance = tolerance
    this.tell = tell
    this.truth = schedule.faults.flatMap(fault => [
      { type: 'begins', at: fault.onset, fault } as const,
      { type: 'ends', at: fault.onset + fault.duration, fault } as const,
    ])
  }

  score(score: Score): void {
    this.start ??= score.time
    this.windows++
    const since = (score.time - this.start) / 1000
    // A window starts at least a window before the feed ends, so rounding cannot carry it into the next pass.
    const pass = Math.floor((since + 0.001) / this.schedule.seconds)
    if (pass > this.pass) this.endPass()
    this.pass = pass
    const now = since - pass * this.schedule.seconds + score.duration
    while (this.told < this.truth.length && this.truth[this.told].at <= now) this.tell(this.truth[this.told++])
  }

  episode(event: EpisodeEvent): void {
    if (event.type === 'episode.explained') {
      const since = (event.episode.explanation!.time - (this.start ?? 0)) / 1000
      this.tell({ type: 'explained', at: since % this.schedule.seconds, event })
    }
    if (event.type !== 'episode.opened' && event.type !== 'episode.closed') return
    const { lastAt, closedAt, peakScore, threshold } = event.episode
    if (event.type === 'episode.closed') {
      this.tell({ type: 'closed', at: this.inPass(closedAt ?? lastAt), event })
      return
    }
    const detection = { detectedAt: this.inPass(lastAt), peakScore, threshold }
    this.detections.push(detection)
    const fault = judge(this.schedule.faults, [detection], this.tolerance).findings.find(each => each.detection)?.fault
    this.tell({ type: 'opened', at: detection.detectedAt, event, fault })
  }

  /** Judges the pass that has ended. */
  endPass(): Judgement {
    const judgement = judge(this.schedule.faults, this.detections, this.tolerance)
    this.tell({ type: 'pass', pass: this.pass, judgement })
    this.detections = []
    this.told = 0
    return judgement
  }

  private inPass(time: number): number {
    return (time - (this.start ?? time)) / 1000 - this.pass * this.schedule.seconds
  }
}
