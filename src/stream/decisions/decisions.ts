import type { Clock } from '../../clock.ts'
import type { z } from '../../config.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Service } from '../../lifecycle.ts'
import type { Logger } from '../../logger.ts'
import { fingerprint } from '../../model/calibration.ts'
import { type RecalibrationConfig, recalibrate } from '../../model/drift/recalibrate.ts'
import type { Calibration } from '../../model/manifest.ts'
import type { ThresholdPolicy, thresholdSchema } from '../../model/threshold.ts'
import type { AuscultEvent, Episode, EpisodeEvent } from '../../types.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Analyst, ComponentStatus } from '../telemetry.ts'
import { Alarm } from './alarm.ts'
import { type CalibrationChange, Calibrations } from './calibrations.ts'
import { checkLabel, endOf } from './checks.ts'
import type { DecisionsConfig } from './config.ts'
import { muteToJson } from './json.ts'
import { Lookups, type LookupsOptions, notFound } from './lookups.ts'
import { isOver, MuteBook } from './mute-book.ts'
import { type Decision, type Publish, Register } from './register.ts'
import { COUNTS, restore } from './restore.ts'
import { Schedule } from './schedule.ts'
import { ALL, checkPolicy, Standards } from './standards.ts'
import type { DecisionsState, SavedMute } from './state.ts'
import type { By, Deciding, Mute, MuteTarget, Recalibrated, Reverted, ThresholdSet, Thresholds } from './types.ts'
import { Verdicts } from './verdicts.ts'

export interface DecisionsOptions extends LookupsOptions {
  readonly config: DecisionsConfig
  readonly store: Pick<EventStore, 'state' | 'states' | 'episode' | 'leftOpen' | 'last'>
  readonly publish: Publish
  /** Of the bundle. */
  readonly calibration: Calibration
  /** The configured threshold. */
  readonly policy: ThresholdPolicy
  readonly recalibration: Pick<RecalibrationConfig, 'minimum' | 'max_factor' | 'trim'>
  /** Recent scores of a source outside episodes. */
  readonly scoresOf: (source: string) => ArrayLike<number>
  /** Policy or calibration of a source, or of all, is another now. */
  readonly rejudge: (source?: string) => void
  readonly clock: Clock
  readonly logger: Logger
}

const MOST_MUTES = 1000

/**
 * What people decide while the daemon runs.
 *
 *     change ─▶ checked ─▶ audit entry + new state, one transaction ─▶ memory ─▶ effect
 *
 * As an analyst it adds to episodes what was decided about them.
 */
export class Decisions implements Service, Analyst, Deciding {
  readonly name = 'decisions'
  readonly #options: DecisionsOptions
  readonly #register: Register
  readonly #calibrations: Calibrations
  readonly #standards: Standards
  readonly #book: MuteBook
  readonly #verdicts: Verdicts
  readonly #lookups: Lookups
  readonly #expiry: Alarm
  readonly #schedule: Schedule
  #trouble: string | undefined

  constructor(options: DecisionsOptions) {
    const { clock, publish, openEpisode } = options
    this.#options = options
    this.#calibrations = new Calibrations(options.store, options.calibration)
    this.#standards = new Standards(options.policy, source => this.#calibrations.of(source))
    this.#book = new MuteBook(options.clusters)
    this.#register = new Register({
      clock,
      publish,
      accompany: () => ({ events: this.#verdicts.changed(this.#register.number), state: this.state() }),
    })
    this.#verdicts = new Verdicts({
      book: this.#book,
      mutes: () => this.#register.ahead.mutes,
      openEpisode,
      now: () => clock.now(),
    })
    this.#lookups = new Lookups(options, id => this.#verdicts.closed(id))
    this.#expiry = new Alarm(clock, () => void this.#expire())
    this.#schedule = new Schedule({
      ...options,
      everyHours: options.config.recalibrate_every_hours,
      recalibrate: source => this.recalibrate(source, {}, { who: 'schedule' }),
    })
  }

  /** Takes up what was decided before. Clusters must be there already. @throws AUSCULT_STORE */
  async start(): Promise<void> {
    const { store, publish, logger, clusters, rejudge } = this.#options
    const problems = await restore({
      store,
      publish,
      register: this.#register,
      book: this.#book,
      calibrations: this.#calibrations,
      standards: this.#standards,
    })
    for (const { code, at, message } of problems)
      logger.error({ code, at }, `an earlier decision is not in force: ${message}`)
    if (problems.length > 0) this.#trouble = `not in force: ${problems.map(({ message }) => message).join('; ')}`
    this.#verdicts.restore(store.leftOpen())
    const { labels, mutes, thresholds } = this.#register.state
    for (const each of labels) if (this.#lookups.isKnown(each)) clusters.label(each.cluster, each.label)
    for (const mute of mutes) this.#pin(mute, true)
    await this.#schedule.start()
    this.#setExpiry()
    if (thresholds.length > 0 || this.#calibrations.sources.length > 0) rejudge()
  }

  async stop(): Promise<void> {
    this.#expiry.set(Number.POSITIVE_INFINITY)
    this.#schedule.stop()
    await this.#register.settled()
  }

  /** Always well: what is not in force is named in the reason. */
  status(): ComponentStatus {
    return { ok: true, reason: this.#trouble ?? 'as decided' }
  }

  setThreshold(source: string | undefined, raw: z.input<typeof thresholdSchema>, by: By): Promise<ThresholdSet> {
    return this.#register.serial(by, async by => {
      const policy = checkPolicy(raw)
      if (source !== undefined) this.#lookups.source(source)
      const name = source ?? ALL
      const threshold = this.#check(source, [...this.#others(name), { source: name, policy, who: by.who, at: 0 }])
      const before = this.#choice(name)
      await this.#register.commit(by, { action: 'threshold.set', source: name, before, after: { policy, threshold } })
      this.#options.rejudge(source)
      return { ...(source !== undefined && { source }), policy, threshold }
    })
  }

  resetThreshold(source: string | undefined, by: By): Promise<ThresholdSet> {
    return this.#register.serial(by, async by => {
      const name = source ?? ALL
      const before = this.#choice(name)
      if (source !== undefined && !before) this.#lookups.source(source)
      const others = this.#others(name)
      const threshold = this.#check(source, others)
      if (before) {
        await this.#register.commit(by, { action: 'threshold.reset', source: name, before, after: null })
        this.#options.rejudge(source)
      }
      return { ...(source !== undefined && { source }), policy: this.#standards.policy(others, source), threshold }
    })
  }

  thresholds(): Thresholds {
    return this.#standards.list(this.#register.state.thresholds)
  }

  policyOf(source: string): ThresholdPolicy {
    return this.#standards.policy(this.#register.state.thresholds, source)
  }

  calibrationOf(source: string): Calibration {
    return this.#calibrations.of(source)
  }

  acknowledge(episodeId: string, by: By): Promise<Episode> {
    return this.#register.serial(by, async by => {
      const episode = await this.#lookups.episode(episodeId)
      const acknowledged = { ...by, at: this.#options.clock.now() }
      const decision = { source: episode.source, episodeId, before: episode.acknowledged ?? null, after: acknowledged }
      return this.#about(by, episode, { action: 'episode.acknowledged', ...decision }, { acknowledged })
    })
  }

  label(id: number, text: string | null, by: By): Promise<{ cluster: number; label: string | null }> {
    return this.#register.serial(by, async by => {
      const { clusters } = this.#options
      const label = text === null ? null : checkLabel(text)
      const cluster = this.#lookups.cluster(id)
      const before = { label: clusters.get(cluster)?.label ?? null }
      const after = { label, clusters_key: clusters.key }
      await this.#register.commit(by, { action: 'cluster.labelled', source: ALL, cluster, before, after })
      clusters.label(cluster, label)
      return { cluster, label }
    })
  }

  mute(target: MuteTarget, seconds: number | null, by: By): Promise<Mute> {
    return this.#register.serial(by, async by => {
      const { clusters } = this.#options
      if ('source' in target) this.#lookups.source(target.source)
      const what =
        'source' in target
          ? { source: target.source }
          : { cluster: this.#lookups.cluster(target.cluster), clusters_key: clusters.key }
      const mute = this.#begin(by, { reason: 'mute', ...what }, seconds)
      const { source = ALL, cluster } = mute
      const about = { source, ...(cluster !== undefined && { cluster }) }
      await this.#register.commit(by, { action: 'muted', ...about, before: null, after: mute })
      return this.#begun(mute)
    })
  }

  falseAlarm(
    episodeId: string,
    { seconds = null, sourceOnly = false }: { readonly seconds?: number | null; readonly sourceOnly?: boolean },
    by: By,
  ): Promise<{ episode: Episode; mute: Mute }> {
    return this.#register.serial(by, async by => {
      const episode = await this.#lookups.episode(episodeId)
      const { source } = episode
      const cluster = this.#lookups.clusterOf(episode)
      const clusters_key = this.#options.clusters.key
      const what = { ...(sourceOnly && { source }), cluster, clusters_key, episode_id: episodeId }
      const mute = this.#begin(by, { reason: 'false_alarm', ...what }, seconds)
      const decision = { action: 'false_alarm', source, cluster, episodeId, before: null, after: mute } as const
      const muted = { id: mute.id, reason: mute.reason }
      return { episode: await this.#about(by, episode, decision, { muted }), mute: this.#begun(mute) }
    })
  }

  unmute(id: string, by: By): Promise<Mute> {
    return this.#register.serial(by, async by => {
      const mute = this.#register.state.mutes.find(each => each.id === id)
      if (!mute) throw notFound(`there is no mute ${id}`, 'List the mutes; it may have ended by itself.')
      return this.#end(by, 'unmuted', mute)
    })
  }

  mutes(): readonly Mute[] {
    return this.#register.state.mutes.map(mute => this.#book.describe(mute))
  }

  recalibrate(
    source: string,
    { force = false, dryRun = false }: { readonly force?: boolean; readonly dryRun?: boolean },
    by: By,
  ): Promise<Recalibrated> {
    return this.#register.serial(by, async by => {
      this.#lookups.source(source)
      const { recalibration, clock, scoresOf } = this.#options
      const before = this.#calibrations.of(source)
      const options = { ...recalibration, current: before, policy: this.policyOf(source), force, at: source }
      const { calibration: after, report } = recalibrate(scoresOf(source), options)
      if (dryRun) return { source, report, applied: false }
      const record = { source, who: by.who, when: clock.now(), why: by.note ?? '', before, after, report }
      const { before: was, after: is, ...rest } = report
      await this.#calibrate(by, await this.#calibrations.added(record), {
        action: 'recalibrated',
        source,
        before: { calibration: fingerprint(before), ...was },
        after: { calibration: fingerprint(after), ...is, ...rest },
      })
      return { source, report, applied: true }
    })
  }

  revert(source: string, by: By): Promise<Reverted> {
    return this.#register.serial(by, async by => {
      if (!this.#calibrations.sources.includes(source)) this.#lookups.source(source)
      const record = { who: by.who, when: this.#options.clock.now(), why: by.note ?? '' }
      const change = await this.#calibrations.reverted(source, record)
      const current = this.#calibrations.of(source)
      const [before, after] = [current, change.calibration].map(calibration =>
        this.#standards.threshold(this.#register.state.thresholds, source, calibration),
      )
      await this.#calibrate(by, change, {
        action: 'recalibration.reverted',
        source,
        before: { calibration: fingerprint(current), threshold: before },
        after: { calibration: fingerprint(change.calibration), threshold: after },
      })
      return { source, before, after, left: change.left }
    })
  }

  observe(): readonly AuscultEvent[] {
    return []
  }

  complete(event: EpisodeEvent): EpisodeEvent {
    return this.#verdicts.complete(event)
  }

  state(): Readonly<Record<string, unknown>> {
    const counts = this.#book.take()
    return counts ? { [COUNTS]: counts } : {}
  }

  /** Enters a decision about one episode, with the episode as it is then. */
  async #about(
    by: By,
    episode: Episode,
    decision: Decision,
    said: Pick<Episode, 'acknowledged' | 'muted'>,
  ): Promise<Episode> {
    const { number } = this.#register
    const marked = this.#verdicts.mark(episode, said)
    const change = said.muted ? 'muted' : 'acknowledged'
    const eventId = `${episode.id}/${change}/${number}`
    const event: EpisodeEvent = { type: `episode.${change}`, eventId, episode: marked.episode }
    try {
      await this.#register.commit(by, decision, { events: [event] })
      return event.episode
    } catch (error) {
      marked.undo()
      throw error
    }
  }

  async #calibrate(by: By, change: CalibrationChange, decision: Decision): Promise<void> {
    await this.#register.commit(by, decision, { state: change.state })
    this.#calibrations.put(change)
    this.#options.rejudge(change.source)
  }

  #begin({ who, note }: By, what: Pick<SavedMute, 'reason'> & Partial<SavedMute>, seconds: number | null): SavedMute {
    const { mutes, next } = this.#register.state
    if (mutes.length >= MOST_MUTES) {
      const remedy = 'End some of them, or mute for a time only.'
      throw new AuscultError('AUSCULT_USAGE', `there are ${MOST_MUTES} mutes already`, { remedy })
    }
    const at = this.#options.clock.now()
    return { id: `m${next}`, until: endOf(at, seconds), who, at, ...(note !== undefined && { note }), ...what }
  }

  #begun(mute: SavedMute): Mute {
    this.#pin(mute, true)
    this.#setExpiry()
    return this.#book.describe(mute)
  }

  async #end(by: By, action: 'unmuted' | 'mute.expired', mute: SavedMute): Promise<Mute> {
    const was = this.#book.describe(mute)
    const { source = ALL, cluster } = mute
    const about = { source, ...(cluster !== undefined && { cluster }) }
    await this.#register.commit(by, { action, ...about, before: muteToJson(was), after: null })
    const { mutes } = this.#register.state
    this.#book.keep(mutes)
    if (!mutes.some(each => each.cluster === cluster && each.clusters_key === mute.clusters_key)) this.#pin(mute, false)
    this.#setExpiry()
    return was
  }

  /** Ends what is over. */
  async #expire(): Promise<void> {
    const { clock, logger } = this.#options
    const work = async (by: By) => {
      const over = this.#register.state.mutes.filter(mute => isOver(mute, clock.now()))
      for (const mute of over) await this.#end(by, 'mute.expired', mute)
      this.#setExpiry()
    }
    await this.#register.serial({ who: 'clock' }, work).catch(error => {
      logger.error({ error: messageOf(error) }, 'a mute that is over could not be ended; it mutes no more')
    })
  }

  /** A cluster that is muted is not to be forgotten. */
  #pin(mute: SavedMute, on: boolean): void {
    if (mute.cluster !== undefined && this.#lookups.isKnown(mute)) this.#options.clusters.pin(mute.cluster, on)
  }

  #setExpiry(): void {
    const ends = this.#register.state.mutes.map(({ until }) => until ?? Number.POSITIVE_INFINITY)
    this.#expiry.set(Math.min(Number.POSITIVE_INFINITY, ...ends))
  }

  /** What was chosen for a source, or for all, as the audit log has it. */
  #choice(name: string): { policy: ThresholdPolicy } | null {
    const choice = this.#register.state.thresholds.find(({ source }) => source === name)
    return choice ? { policy: choice.policy } : null
  }

  #others(name: string) {
    return this.#register.state.thresholds.filter(({ source }) => source !== name)
  }

  /** The threshold of a source by these choices; of all, those of the sources with a calibration of their own are tried too. */
  #check(source: string | undefined, choices: DecisionsState['thresholds']): number {
    const affected = source === undefined ? [undefined, ...this.#calibrations.sources] : [source]
    return affected.map(each => this.#standards.threshold(choices, each))[0]
  }
}
