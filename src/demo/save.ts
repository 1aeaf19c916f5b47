import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AuscultError } from '../errors.ts'
import { formatDuration, type Progress } from '../progress.ts'
import { schedule } from '../train/synth/index.ts'
import { runTraining } from '../train/train.ts'
import { trainingConfig } from './configs.ts'
import { makeMaterial, TRAINING_MINUTES } from './material.ts'
import { nameOf } from './narrator.ts'

export interface SavedDemo {
  readonly folder: string
  /** False when all of it was there already. */
  readonly made: boolean
}

export interface SaveParts {
  say(line: string): void
  signal: AbortSignal
  progress: Progress
}

const CONTENT = ['recordings', 'feed.wav', 'bundle']

/**
 * Makes what the demo plays with, for configurations of one's own: `recordings/` of normal operation, the model `bundle/` that was trained on them,
 * and `feed.wav` with faults in it. The folder is there when all of it is; one that is complete is left as it is.
 * @returns undefined when it was interrupted
 * @throws AUSCULT_CONFIG for a folder that holds something else; what training throws
 */
export async function saveDemo(
  path: string,
  { seed, minutes }: { seed: number; minutes: number },
  { say, signal, progress }: SaveParts,
): Promise<SavedDemo | undefined> {
  const folder = resolve(path)
  if (await isComplete(folder)) {
    say(`${path} is there already; delete it to have it made anew.`)
    return { folder, made: false }
  }
  // What an earlier run left unfinished goes with it.
  const unfinished = `${folder}.part`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  try {
    const plan = schedule(seed, minutes)
    const { recordings } = await makeMaterial(unfinished, seed, plan, progress, signal)
    say(`Learning from ${TRAINING_MINUTES} minutes of normal sound.`)
    const config = trainingConfig(recordings, join(unfinished, 'bundle'), seed)
    const { summary } = await runTraining(config, { signal, progress, checkpoint: false })
    signal.throwIfAborted()
    await rename(unfinished, folder)
    const faults = plan.faults.map(fault => `  ${formatDuration(fault.onset)}  ${nameOf(fault)}`)
    say(`Trained in ${summary.seconds.toFixed(1)} s. Faults in ${join(path, 'feed.wav')}:\n${faults.join('\n')}`)
    return { folder, made: true }
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    progress.close()
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function isComplete(folder: string): Promise<boolean> {
  if (CONTENT.every(name => existsSync(join(folder, name)))) return true
  const names = existsSync(folder) ? await readdir(folder) : []
  if (names.length === 0) return false
  throw new AuscultError('AUSCULT_CONFIG', 'the folder holds something else', {
    at: `--save ${folder}`,
    remedy: `Choose another, for example ${join(dirname(folder), 'demo')}.`,
  })
}
