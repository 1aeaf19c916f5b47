import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDaemon, type Daemon } from '../daemon.ts'
import { AuscultError } from '../errors.ts'
import { createLogger } from '../logger.ts'
import { createProgress, formatDuration, type Progress } from '../progress.ts'
import { Synthesizer, schedule } from '../train/synth/index.ts'
import { runTraining } from '../train/train.ts'
import { daemonConfig, HOP_SECONDS, trainingConfig, WINDOW_SECONDS } from './configs.ts'
import { Follower } from './follower.ts'
import type { Judgement } from './judge.ts'
import { makeMaterial, TRAINING_MINUTES } from './material.ts'
import { HEADING, narrate } from './narrator.ts'
import type { DemoOptions } from './options.ts'

const USUAL_PORT = 8080

/** The last line of `auscult demo --json`. */
export interface DemoResult {
  /** Seconds that training took, from reading the recordings to the finished bundle. */
  trainSeconds: number
  found: number
  missed: number
  false: number
  normalMinutes: number
  /** Seconds from onset to detection of each fault that was found, in the order of the feed. */
  onsetSeconds: number[]
  /** Windows that the daemon scored a second; the pace of the feed, unless it was played as fast as possible. */
  windowsPerSecond: number
}

export interface DemoParts {
  /** Where the story goes, a line at a time. */
  say(line: string): void
  /** Ends the demo: at once while it synthesises or trains, after cleaning up in any case. */
  signal: AbortSignal
  progress?: Progress
}

/**
 * Synthesises a machine, learns its normal sound, and lets the daemon listen to it while faults come and go at known times.
 * @returns the result of the last whole pass over the feed; undefined when it was interrupted before that
 * @throws AUSCULT_PORT_IN_USE for a port that was asked for, and what training and the daemon throw
 */
export async function runDemo(options: DemoOptions, parts: DemoParts): Promise<DemoResult | undefined> {
  const { say, signal, progress = createProgress() } = parts
  const folder = await mkdtemp(join(tmpdir(), 'auscult-demo-'))
  const cleanUp = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', cleanUp)
  try {
    return await play(options, { say, signal, progress }, folder)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    progress.close()
    process.removeListener('exit', cleanUp)
    cleanUp()
  }
}

async function play(
  options: DemoOptions,
  { say, signal, progress }: Required<DemoParts>,
  folder: string,
): Promise<DemoResult | undefined> {
  const { seed, minutes, once, speed } = options
  const plan = schedule(seed, minutes)
  const { turns, blades } = new Synthesizer({ seed }).spec
  say(`A belt-driven fan: ${turns.toFixed(1)} turns a second, ${blades} blades (synthesised, seed ${seed}).`)
  const { recordings, feed } = await makeMaterial(folder, seed, plan, progress, signal)

  say(`Learning from ${TRAINING_MINUTES} minutes of its normal sound.`)
  const bundle = join(folder, 'bundle')
  const { summary } = await runTraining(trainingConfig(recordings, bundle, seed), {
    signal,
    progress,
    checkpoint: false,
  })
  signal.throwIfAborted()
  say(`Trained in ${summary.seconds.toFixed(1)} s (${summary.epochs} epochs, on ${summary.device}).`)

  let result: DemoResult | undefined
  let startedAt = 0
  const follower = new Follower(plan, WINDOW_SECONDS, happening => {
    say(narrate(happening, minutes))
    if (happening.type !== 'pass') return
    const rate = follower.windows / ((performance.now() - startedAt) / 1000)
    result = {
      trainSeconds: round(summary.seconds),
      ...count(happening.judgement, minutes),
      windowsPerSecond: round(rate),
    }
  })
  const daemon = await startDaemon(options.port, port => {
    const config = daemonConfig(feed, bundle, port, once ? 0 : speed)
    const made = createDaemon(config, { logger: createLogger('error') })
    made.on('score', score => follower.score(score))
    made.on('episode', event => follower.episode(event))
    startedAt = performance.now()
    return made
  })
  const pace = once ? 'as fast as this machine can' : `${speed} × real time, over and over; Ctrl-C ends it`
  say(`Listening to ${formatDuration(plan.seconds)} of live sound with ${plan.faults.length} faults in it, ${pace}.`)
  say(`Threshold ${daemon.threshold.toPrecision(3)}, a window of ${WINDOW_SECONDS} s every ${HOP_SECONDS} s.`)
  if (!once) say(`\n  Watch it at ${daemon.address}\n`)
  say(HEADING)
  await untilEnd(daemon, signal)
  if (once && !signal.aborted) follower.endPass()
  return result
}

/** Starts it on the port that was asked for, else on the usual one, else on a free one. */
async function startDaemon(port: number | null, make: (port: number) => Daemon): Promise<Daemon> {
  const daemon = make(port ?? USUAL_PORT)
  try {
    await daemon.start()
    return daemon
  } catch (error) {
    if (!(error instanceof AuscultError) || error.code !== 'AUSCULT_PORT_IN_USE') throw error
    if (port === null) return startDaemon(0, make)
    const remedy = 'Choose another with --port (0 takes a free one), or leave it out.'
    throw new AuscultError(error.code, error.message, { at: error.at, remedy, cause: error })
  }
}

async function untilEnd(daemon: Daemon, signal: AbortSignal): Promise<void> {
  const stop = () => void daemon.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    await daemon.finished
  } finally {
    signal.removeEventListener('abort', stop)
    await daemon.stop()
  }
}

function count({ findings, falseAlarms }: Judgement, normalMinutes: number) {
  const delays = findings.flatMap(({ delay }) => (delay === null ? [] : [delay]))
  return {
    found: delays.length,
    missed: findings.length - delays.length,
    false: falseAlarms.length,
    normalMinutes,
    onsetSeconds: delays.map(delay => round(delay)),
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
