import { atMost } from '../../at-most.ts'
import type { Clock } from '../../clock.ts'
import { AuscultError } from '../../errors.ts'
import { type Admin, type Kafka, kafkaError } from '../../kafka.ts'
import type { Logger } from '../../logger.ts'
import type { Delivery } from '../../types.ts'
import type { KafkaSourceConfig } from './config.ts'
import type { Cutter } from './cutter.ts'
import { HandOff } from './hand-off.ts'
import { type CommittedOffset, type FetchedBatch, type Member, Membership, type TopicPartition } from './membership.ts'
import { type KnownOffsets, lookUpOffsets, startOf } from './offsets.ts'
import { Partition, type PartitionContext } from './partition.ts'

export interface GroupReaderOptions {
  readonly kafka: Kafka
  readonly config: KafkaSourceConfig
  readonly context: PartitionContext
  /** Makes what cuts the messages of a partition. `metadata` lay beside the offset that is read first. */
  readonly cutterOf: (place: string, metadata: string | null) => Cutter
  readonly clock: Clock
  readonly logger: Logger
  /** Called when messages flow: after each joining of the group. */
  readonly onFlow: () => void
}

/** The ends of the partitions are asked for this often, for the lag. ms */
const LAG_INTERVAL = 5000
/** A stop has 10 s in all: these to settle and commit, those to leave the group, though the broker hangs. */
const STOP_MS = 5000
const LEAVE_MS = 2000
const LETTER_POLL = 100

/**
 * Reads the partitions that the consumer group gives to this process. Partitions outlive a membership: one that is still ours after a
 * rejoin, and that nobody else has moved on meanwhile, goes on where it stands, without a message twice.
 */
export class GroupReader implements Member {
  readonly deliveries = new HandOff<Delivery>()
  readonly #options: GroupReaderOptions
  readonly #partitions = new Map<string, Partition>()
  #membership: Membership | undefined
  #admin: Admin | undefined
  /** Resolves when partitions may be read again; set while they may not. */
  #revoking: Promise<void> | undefined
  /** Counts assignments, so that one that takes long knows when it is out of date. */
  #assignment = 0
  #assigning: Promise<void> = Promise.resolve()
  #committing: Promise<void> = Promise.resolve()
  #fail: (error: unknown) => void = () => {}
  #stopping = false
  /** A commit of `#tick` is on its way. */
  #ticking = false
  #joins = 0

  constructor(options: GroupReaderOptions) {
    this.#options = options
  }

  /** Reads until `signal` aborts, and then resolves when what was given away is settled and committed. @throws when it breaks off */
  async run(signal: AbortSignal): Promise<void> {
    const { kafka, config } = this.#options
    const admin = kafka.admin()
    const membership = new Membership(kafka, config, this)
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    failed.catch(() => {})
    let stop = () => {}
    const stopped = new Promise<void>(resolve => {
      stop = resolve
    })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    const timers: NodeJS.Timeout[] = []
    try {
      await Promise.race([this.#connect(admin), stopped])
      if (signal.aborted) return
      this.#admin = admin
      this.#membership = membership
      timers.push(setInterval(() => this.#tick(), config.commit_interval_ms))
      timers.push(setInterval(() => void this.#measure().catch(() => {}), LAG_INTERVAL))
      await Promise.race([membership.run(), failed, stopped])
      await this.#drain()
    } finally {
      for (const timer of timers) clearInterval(timer)
      signal.removeEventListener('abort', stop)
      this.#assignment++
      this.#admin = undefined
      this.#membership = undefined
      this.deliveries.withdraw()
      await atMost(LEAVE_MS, Promise.all([membership.leave(), admin.disconnect()]))
    }
  }

  places(): readonly string[] {
    return [...this.#partitions.keys()]
  }

  revoke(): Promise<void> {
    this.#revoking ??= this.#settle()
    return this.#revoking
  }

  assign(partitions: readonly TopicPartition[]): void {
    const assignment = ++this.#assignment
    this.#revoking = undefined
    this.#assigning = this.#assigning.then(() => this.#take(partitions, assignment)).catch(error => this.#fail(error))
  }

  async read(batch: FetchedBatch): Promise<number> {
    const partition = this.#partitions.get(placeOf(batch))
    if (!partition) return batch.fetchedFrom
    this.#follow(partition, batch)
    if (!(await this.#offerAll(partition))) return partition.position
    for (const message of batch.messages) {
      if (Number(message.offset) < partition.position) continue
      if (!(await this.#roomForLetters())) return partition.position
      partition.take(message)
      if (!(await this.#offerAll(partition))) return partition.position
    }
    partition.skipTo(batch.next)
    this.#reportLag()
    return partition.position
  }

  skip(place: TopicPartition, next: number, high: number): void {
    const partition = this.#partitions.get(placeOf(place))
    if (!partition) return
    partition.high = high
    partition.skipTo(next)
  }

  committed(offsets: readonly CommittedOffset[]): void {
    for (const each of offsets) {
      const partition = this.#partitions.get(placeOf(each))
      if (partition) partition.committed = each.offset
    }
  }

  get #isHeld(): boolean {
    return this.#revoking !== undefined || this.#stopping || this.#membership === undefined
  }

  async #connect(admin: Admin): Promise<void> {
    await admin.connect()
    const known = new Set(await admin.listTopics())
    const { topics, dead_letter_topic: letters } = this.#options.config
    const missing = [...topics, ...(letters === undefined ? [] : [letters])].filter(topic => !known.has(topic))
    if (missing.length === 0) return
    throw new AuscultError('AUSCULT_KAFKA', 'the topic does not exist, or this user may not see it', {
      at: `topic ${missing.join(', ')}`,
      remedy: 'Create it, or correct its name; it is looked for again.',
      canRetry: true,
    })
  }

  /** @returns whether all were taken; otherwise they stay `ready` */
  async #offerAll({ ready }: Partition): Promise<boolean> {
    const { inFlight } = this.#options.context
    for (let delivery = ready[0]; delivery; delivery = ready[0]) {
      if (this.#isHeld) return false
      inFlight.add()
      if (!(await this.deliveries.offer(delivery))) {
        inFlight.done()
        return false
      }
      ready.shift()
    }
    return !this.#isHeld
  }

  /** While dead letters pile up, nothing more is read. @returns whether reading may go on */
  async #roomForLetters(): Promise<boolean> {
    const { letters } = this.#options.context
    while (letters?.full && !this.#isHeld) await Promise.race([letters.room(), this.#options.clock.sleep(LETTER_POLL)])
    return !this.#isHeld
  }

  /** What the fetched batch says of the partition besides its messages. */
  #follow(partition: Partition, { fetchedFrom, high }: FetchedBatch): void {
    partition.high = high
    const { position, place } = partition
    if (fetchedFrom > position) {
      this.#lost(place, `offsets ${position} to ${fetchedFrom - 1} are gone: they were deleted before they were read`)
      partition.skipTo(fetchedFrom)
      partition.committed = undefined
    } else if (high < position) {
      this.#lost(place, `the log ends at ${high}, before ${position}: it was made anew or cut off`)
      partition.forget()
      this.#open(partition, fetchedFrom, null)
    }
  }

  #lost(place: string, message: string): void {
    const { name, reports } = this.#options.context
    this.#options.logger.warn({ source: name, partition: place }, `data are lost: ${message}`)
    reports.gap(name, `${place}: ${message}`)
  }

  /** Goes on with what was assigned: partitions that are still ours where they stand, others at their committed offset. */
  async #take(partitions: readonly TopicPartition[], assignment: number): Promise<void> {
    const isOld = () => assignment !== this.#assignment
    const ours = new Set(partitions.map(placeOf))
    if (isOld()) return
    await this.#letGo([...this.#partitions.values()].filter(({ place }) => !ours.has(place)))
    if (isOld()) return
    const found = await lookUpOffsets(this.#admin!, this.#options.config.group_id, partitions)
    for (const known of found) {
      if (isOld()) return
      await this.#begin(known)
    }
    if (isOld()) return
    await this.#commitNow()
    if (isOld()) return
    for (const { topic, partition, position } of this.#partitions.values()) {
      this.#membership!.seek({ topic, partition, offset: position })
    }
    this.#membership!.resume(partitions)
    const { onFlow, logger, context } = this.#options
    logger.info({ source: context.name, partitions: [...ours] }, 'reads these partitions')
    if (this.#joins++ > 0) context.reports.restarted(context.name)
    this.#reportLag()
    onFlow()
  }

  async #begin(known: KnownOffsets): Promise<void> {
    const place = placeOf(known)
    const before = this.#partitions.get(place)
    // A broker that crashed may have lost the last commits; an offset beyond ours is of another member.
    const isOurs = known.committed !== undefined && known.committed <= (before?.committable ?? -1)
    if (before && isOurs && before.position <= known.high) {
      before.committed = known.committed
      before.high = known.high
      return
    }
    if (before) await this.#letGo([before])
    const isKnownTopic = known.isKnownTopic || before !== undefined
    const { offset, metadata, gap } = startOf({ ...known, isKnownTopic }, this.#options.config.from)
    if (gap !== undefined) this.#lost(place, gap)
    const partition = this.#open(known, offset, metadata)
    partition.committed = known.committed
    partition.high = known.high
  }

  #open({ topic, partition }: TopicPartition, offset: number, metadata: string | null): Partition {
    const { cutterOf, context } = this.#options
    const place = placeOf({ topic, partition })
    const opened = new Partition(topic, partition, offset, cutterOf(place, metadata), context)
    this.#partitions.set(place, opened)
    return opened
  }

  /** Forgets partitions that others read now; resolves when all that came of them is durable. */
  async #letGo(partitions: readonly Partition[]): Promise<void> {
    const { sources, reports } = this.#options.context
    const gone = partitions.flatMap(partition => {
      partition.forget()
      this.#partitions.delete(partition.place)
      return sources.leave(partition.place)
    })
    await Promise.all(gone.map(source => reports.released(source)))
  }

  /** Stops giving windows away, waits for those in flight, and commits. */
  async #settle(most = this.#options.config.drain_ms): Promise<void> {
    const { inFlight, letters } = this.#options.context
    this.deliveries.withdraw()
    await atMost(most, Promise.all([inFlight.idle(), letters?.settled()]))
    await this.#commit()
  }

  async #drain(): Promise<void> {
    this.#stopping = true
    this.#membership?.pause([...this.#partitions.values()])
    await atMost(STOP_MS, this.#settle(Math.min(0.8 * STOP_MS, this.#options.config.drain_ms)))
  }

  #tick(): void {
    for (const partition of this.#partitions.values()) partition.expire()
    if (!this.#isHeld && !this.#ticking) {
      this.#ticking = true
      void this.#commit().finally(() => {
        this.#ticking = false
      })
    }
  }

  /** What is not committed now is at the next time. */
  async #commit(): Promise<void> {
    await this.#commitNow().catch(error => {
      const { message, at } = kafkaError(error, `group ${this.#options.config.group_id}`)
      this.#options.logger.debug(
        { source: this.#options.context.name, at, error: message },
        'offsets not committed yet',
      )
    })
  }

  #commitNow(): Promise<void> {
    const work = async () => {
      const offsets = [...this.#partitions.values()].flatMap(partition => {
        const due = partition.commit()
        return due ? [{ topic: partition.topic, partition: partition.partition, ...due }] : []
      })
      if (offsets.length > 0) await this.#membership?.commit(offsets)
    }
    const next = this.#committing.then(work)
    this.#committing = next.catch(() => {})
    return next
  }

  async #measure(): Promise<void> {
    const topics = new Set([...this.#partitions.values()].map(({ topic }) => topic))
    for (const topic of topics) {
      for (const { partition, high } of (await this.#admin?.fetchTopicOffsets(topic)) ?? []) {
        const own = this.#partitions.get(placeOf({ topic, partition }))
        if (own) own.high = Math.max(own.high, Number(high))
      }
    }
    this.#reportLag()
  }

  #reportLag(): void {
    const { name, reports } = this.#options.context
    let lag = 0
    for (const partition of this.#partitions.values()) lag += partition.lag
    reports.lag(name, lag)
  }
}

const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`
