import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createProgress, type Progress } from '../../src/progress.ts'
import { benchBudget, budgetText } from './budget.ts'
import { type BenchDevice, comparisons } from './cases.ts'
import { benchClusters, clustersTable } from './clusters.ts'
import { compare, type Result, rateOf } from './compare.ts'
import { chooseDevices, torchDevices, trafficText } from './devices.ts'
import { benchIngest, ingestTable } from './ingest.ts'
import { machine, show } from './machine.ts'
import { benchOverload, overloadTable } from './overload.ts'
import { makePeers, runOurs } from './processes.ts'
import { table } from './table.ts'
import { tfjsCases } from './tfjs.ts'
import { median, type Timing } from './timing.ts'
import { benchWebSocket, webSocketTable } from './websocket/run.ts'
import { WINDOWS } from './work/daemon.ts'
import type { KafkaJob, KafkaResult } from './work/kafka.ts'

const USAGE = `npm run bench -- [options]
npm run bench ingest -- [options]
npm run bench overload -- [options]
npm run bench clusters -- [options]
npm run bench websocket -- [options]
npm run bench budget -- [options]

Without a word: training, scoring, features and files
  --peers          also run the same in Python (PyTorch, onnxruntime, librosa), in turns, and print ratios
  --only <text>    only what has this in its name: train, score, log-mel, daemon, dense-ae, "batch 1", …
  --device <name>  cpu (default), webgpu, cuda, several of them with commas, or all: those that \`device: auto\` would take, and the CPU. Scoring
                   on others than the CPU is in batches of 1 and 4,096; PyTorch runs beside cuda where it has it
  --threads <n>    threads of training and scoring (2)
  --rounds <n>     how often everything is measured (3; 7 with --peers)
  --seconds <s>    seconds of each measurement (1)

ingest: live feeds of 16 kHz through one daemon, in windows of 1 s: 1,000, and as many as it can
  --feeds <n>      measure this number, and search for none
  --workers <n>    scorer threads (2)
  --seconds <s>    seconds of each measurement (12)
  --kafka          instead: frames of 100 × 100 from Kafka through conv2d-ae, beside its scorer alone; needs Java (.ci/kafka-jars) or
                   KAFKA_BROKERS. --threads of a scorer (1), --workers (1), --rounds (5)

overload: ten times of what the scorer can do
  --minutes <n>    how long (10)

clusters: what an update costs at 64 clusters × 32 dimensions
  --seconds <s>    seconds of each measurement (1)
  --peers          also the quality on labelled latents beside scikit-learn and River
  --seeds <n>      streams of each kind of latents (10)

websocket: from an event, once durable, and from a score to every client; beside a plain loop with the same library
  --clients <n>    clients at once, in processes of their own (1000)
  --seconds <s>    seconds of each measurement (10)
  --peers          also a server in Python (websockets)

budget: processor and memory of a daemon with one live feed of 16 kHz through dense-ae (Linux)
  --seconds <s>    seconds of the measurement (60)

  --json <file>    write the figures as JSON; - prints them in place of the table
`

/** Frames from Kafka through the daemon, against its scorer alone. */
async function benchKafka(threads: number, workers: number, rounds: number): Promise<Result> {
  const job: KafkaJob = { threads, workers, rounds, frames: 10_000, partitions: 2 }
  const { daemon, scorer, ratio } = await runOurs<KafkaResult>({ work: 'kafka', job: { ...job } })
  const rate = (rates: readonly number[]) => ({ median: median(rates), best: Math.max(...rates) })
  const [ours, alone] = [rate(daemon), rate(scorer)]
  const aim = 0.8
  const ratioOfBests = ours.best / alone.best
  const peer = { label: 'its scorer alone', rate: alone, ratio, ratioOfBests, aim, met: ratio >= aim }
  return { name: 'frames of Kafka to scores', unit: 'frames/s', ours, peers: [peer] }
}

/** The daemon against its scorer alone; its peer is in the same process. */
async function benchDaemon(threads: number, rounds: number, progress: Progress): Promise<Result> {
  progress.update({ title: 'daemon', done: 0, total: 1 })
  const task = { work: 'daemon', job: { threads, seconds: 0, rounds } }
  const { daemon, scorer, ratio } = await runOurs<{ daemon: Timing; scorer: Timing; ratio: number }>(task)
  const [ours, rate] = [rateOf([daemon], WINDOWS), rateOf([scorer], WINDOWS)]
  const aim = 0.8
  const peer = { label: 'its scorer alone', rate, ratio, ratioOfBests: ours.best / rate.best, aim, met: ratio >= aim }
  return { name: 'daemon, wavs to scores', unit: 'windows/s', ours, peers: [peer] }
}

const OPTIONS = {
  peers: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  device: { type: 'string', default: 'cpu' },
  threads: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  feeds: { type: 'string' },
  clients: { type: 'string' },
  workers: { type: 'string' },
  kafka: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '10' },
  seeds: { type: 'string' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Seconds of a measurement, where it is not one. */
const SECONDS: Record<string, number> = { ingest: 12, websocket: 10, budget: 60 }

const WORDS = [undefined, 'ingest', 'overload', 'clusters', 'websocket', 'budget']

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
  if (values.help) return void process.stdout.write(USAGE)
  const number = (text: string | undefined, standard: number): number => {
    const value = Number(text ?? standard)
    if (!(value > 0)) throw new Error(`a number is out of range: ${text}\n\n${USAGE}`)
    return value
  }
  const [what] = positionals
  const on = machine()
  const seconds = number(values.seconds, SECONDS[what] ?? 1)
  if (positionals.length > 1 || !WORDS.includes(what)) {
    throw new Error(`what is ${positionals.join(' ')}?\n\n${USAGE}`)
  }
  if (what === 'ingest' && values.kafka) {
    const [threads, workers, rounds] = [number(values.threads, 1), number(values.workers, 1), number(values.rounds, 5)]
    const result = await benchKafka(threads, workers, rounds)
    return show(table([result]), { threads, workers, rounds, results: [result] }, on, values.json)
  }
  if (what === 'ingest') {
    const feeds = values.feeds === undefined ? undefined : number(values.feeds, 1)
    const say = (line: string) => process.stderr.write(`${line}\n`)
    const report = await benchIngest({ feeds, workers: number(values.workers, 2), seconds }, say)
    return show(ingestTable(report), report, on, values.json)
  }
  if (what === 'overload') {
    const report = await benchOverload(number(values.minutes, 10))
    return show(overloadTable(report), report, on, values.json)
  }
  if (what === 'budget') {
    const budget = await benchBudget(seconds)
    return show(budgetText(budget), budget, on, values.json)
  }
  if (what === 'websocket') {
    const say = (line: string) => process.stderr.write(`${line}\n`)
    const lines = await benchWebSocket({ clients: number(values.clients, 1000), seconds, peers: values.peers }, say)
    return show(webSocketTable(lines), { lines }, on, values.json)
  }
  if (what === 'clusters') {
    const report = await benchClusters(seconds, number(values.seeds, 10), values.peers)
    return show(clustersTable(report), report, on, values.json)
  }
  const threads = number(values.threads, 2)
  const rounds = number(values.rounds, values.peers ? 7 : 3)
  const devices = await chooseDevices(values.device)
  const results = await runComparisons({ threads, seconds, rounds, devices, peers: values.peers, only: values.only })
  const note = `${threads} ${threads === 1 ? 'thread' : 'threads'}. Medians of rounds; more is faster. log-mel runs on one thread, the daemon with one scorer on one thread.`
  const text = [note, table(results), ...trafficText(results)].join('\n\n')
  show(text, { threads, rounds, seconds, devices, results }, on, values.json)
}

interface Asked {
  threads: number
  seconds: number
  rounds: number
  peers: boolean
  only: string
  devices: readonly BenchDevice[]
}

async function runComparisons({ threads, seconds, rounds, peers, only, devices }: Asked): Promise<Result[]> {
  const python = peers ? await makePeers() : null
  const torch = python && devices.includes('cuda') ? await torchDevices(python) : (['cpu'] as const)
  const progress = createProgress()
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  const results: Result[] = []
  try {
    const cases = await comparisons({ threads, seconds }, folder, devices, torch)
    for (const each of [...cases, ...(await tfjsCases({ threads, seconds }, folder, devices))]) {
      if (each.name.includes(only)) results.push(await compare(each, python, rounds, progress))
    }
    if ('daemon'.includes(only) && devices.includes('cpu')) results.push(await benchDaemon(1, rounds, progress))
  } finally {
    progress.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (results.length === 0) throw new Error(`nothing is named ${only}\n\n${USAGE}`)
  return results
}

try {
  await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
