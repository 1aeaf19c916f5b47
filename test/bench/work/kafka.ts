import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkConfig } from '../../../src/config.ts'
import { createDaemon, daemonConfigSchema } from '../../../src/daemon.ts'
import { silentLogger } from '../../../src/logger.ts'
import { loadScorer } from '../../../src/model/bundle-scorer.ts'
import { seeded } from '../../../src/random.ts'
import { type Broker, startBroker } from '../../helpers/kafka-broker.ts'
import { FRAMES, untrained } from '../live/untrained.ts'
import { median } from '../timing.ts'

export interface KafkaJob {
  threads: number
  workers: number
  rounds: number
  /** Frames of a round. */
  frames: number
  partitions: number
}

/** Frames per second, and what the daemon's are to the scorer's in rounds in which both ran one right after the other. */
export interface KafkaResult {
  daemon: number[]
  scorer: number[]
  ratio: number
}

const SIZE = 100 * 100
const BATCH = 64
/** A batch of records must stay below the megabyte that brokers allow by default. */
const AT_ONCE = 24
/** Frames that are scored before the clock starts: a group takes seconds to form. */
const HEAD = 512

/** Frames of 100 × 100 f32 from Kafka through the whole daemon, and the same batches through its scorer alone, in turns in one process. */
export async function measure(job: KafkaJob): Promise<KafkaResult> {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  const broker = await startBroker()
  try {
    const bundle = await untrained(folder, FRAMES)
    const topic = await broker.newTopic('frames', job.partitions)
    await produce(broker, topic, job.partitions, job.frames + HEAD)
    const [daemon, scorer]: number[][] = [[], []]
    for (let round = 0; round < job.rounds; round++) {
      scorer.push(await scoreAlone(bundle, job))
      daemon.push(await throughKafka(folder, bundle, broker, topic, round, job))
    }
    return { daemon, scorer, ratio: median(daemon.map((rate, i) => rate / scorer[i])) }
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function produce(broker: Broker, topic: string, partitions: number, count: number): Promise<void> {
  const random = seeded(1)
  const frames = Array.from({ length: 50 }, () => Float32Array.from({ length: SIZE }, () => random.uniform()))
  const producer = await broker.producer()
  for (let at = 0; at < count; at += AT_ONCE) {
    const messages = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, i) => ({
      value: Buffer.from(frames[(at + i) % frames.length].buffer),
      partition: (at / AT_ONCE) % partitions,
    }))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
}

async function scoreAlone(bundle: string, { threads, frames }: KafkaJob): Promise<number> {
  const scorer = await loadScorer(bundle, { device: 'cpu', threads })
  const random = seeded(2)
  const windows = Float32Array.from({ length: BATCH * SIZE }, () => random.uniform())
  for (let i = 0; i < HEAD / BATCH; i++) await scorer.score(windows, BATCH)
  const start = performance.now()
  for (let done = 0; done < frames; done += BATCH) await scorer.score(windows, BATCH)
  const seconds = (performance.now() - start) / 1000
  await scorer.close()
  return (Math.ceil(frames / BATCH) * BATCH) / seconds
}

async function throughKafka(
  folder: string,
  bundle: string,
  broker: Broker,
  topic: string,
  round: number,
  { threads, workers, frames }: KafkaJob,
): Promise<number> {
  const raw = {
    bundle,
    sources: {
      frames: {
        type: 'kafka',
        brokers: broker.brokers,
        topics: [topic],
        group_id: `round-${round}-${Date.now()}`,
        from: 'earliest',
      },
    },
    scorer: { device: 'cpu', threads, workers },
    batch: { max: BATCH },
    http: { port: 0 },
    store: { path: join(folder, `events-${round}.db`) },
  }
  const daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'bench'), { logger: silentLogger })
  let [scored, began] = [0, 0]
  const seconds = new Promise<number>(resolve => {
    daemon.on('score', () => {
      scored++
      if (scored === HEAD) began = performance.now()
      if (scored === HEAD + frames) resolve((performance.now() - began) / 1000)
    })
  })
  await daemon.start()
  const rate = frames / (await seconds)
  await daemon.stop()
  return rate
}
