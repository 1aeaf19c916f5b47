import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createProgress, type Progress } from '../../src/progress.ts'
import { comparisons } from './cases.ts'
import { compare, type Result, rateOf } from './compare.ts'
import { makePeers, runOurs } from './processes.ts'
import { table } from './table.ts'
import type { Timing } from './timing.ts'
import { WINDOWS } from './work/daemon.ts'

const USAGE = `npm run bench -- [options]

  --peers          also run the same in Python (PyTorch, onnxruntime, librosa), in turns, and print ratios
  --only <text>    only what has this in its name: train, score, log-mel, daemon, dense-ae, "batch 1", …
  --threads <n>    threads of training and scoring (2)
  --rounds <n>     how often everything is measured (3; 7 with --peers)
  --seconds <s>    seconds of each measurement (1)
  --json <file>    write the figures as JSON; - prints them in place of the table
`

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

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      peers: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string' },
      seconds: { type: 'string', default: '1' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const [threads, seconds] = [Number(values.threads), Number(values.seconds)]
  const rounds = Number(values.rounds ?? (values.peers ? 7 : 3))
  if (!(threads >= 1 && seconds > 0 && rounds >= 1)) throw new Error(`a number is out of range\n\n${USAGE}`)

  const python = values.peers ? await makePeers() : null
  const progress = createProgress()
  const folder = mkdtempSync(join(tmpdir(), 'auscult-bench-'))
  const results: Result[] = []
  const [load] = loadavg()
  try {
    for (const each of await comparisons({ threads, seconds }, folder)) {
      if (each.name.includes(values.only)) results.push(await compare(each, python, rounds, progress))
    }
    if ('daemon'.includes(values.only)) results.push(await benchDaemon(1, rounds, progress))
  } finally {
    progress.close()
    rmSync(folder, { recursive: true, force: true })
  }
  if (results.length === 0) throw new Error(`nothing is named ${values.only}\n\n${USAGE}`)

  const [{ model }] = cpus()
  const machine = { cpu: model, cores: cpus().length, node: process.version, load, threads, rounds, seconds }
  const heading = `${model}, ${machine.cores} cores, load ${load.toFixed(1)} at the start. Node ${process.version}, ${threads} ${threads === 1 ? 'thread' : 'threads'}.`
  const note =
    'Medians of rounds; more is faster. log-mel runs on one thread, the daemon with one scorer on one thread.'
  const busy =
    load > machine.cores / 4
      ? '\nOther work was running on this machine: take the ratios with care, or measure again.'
      : ''
  const text = `\n${heading}\n${note}${busy}\n\n${table(results)}\n`
  const json = `${JSON.stringify({ machine, results }, null, 2)}\n`
  process.stdout.write(values.json === '-' ? json : text)
  if (values.json && values.json !== '-') writeFileSync(values.json, json)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
