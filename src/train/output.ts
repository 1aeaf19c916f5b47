import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AuscultError } from '../errors.ts'

const beside = (output: string, ending: string): string => trimmed(output) + ending
const trimmed = (output: string): string => output.replace(/(?<=.)[\\/]+$/, '')

/** Where training keeps what it needs to resume. */
export const checkpointPath = (output: string): string => beside(output, '.checkpoint')

/** Where an interrupted run writes when a bundle is there already. */
export const interruptedPath = (output: string): string => beside(output, '-interrupted')

/**
 * Where the bundle is written, and which one is left as it was: what an interrupted run has learned never replaces a bundle.
 */
export function chooseOutput(output: string, isInterrupted: boolean): { folder: string; untouched: string | null } {
  const folder = trimmed(output)
  if (!isInterrupted || !holdsBundle(folder)) return { folder, untouched: null }
  return { folder: interruptedPath(output), untouched: folder }
}

/**
 * A folder that training did not write is never replaced.
 * @throws AUSCULT_CONFIG when there is such a folder where the bundle, or that of an interrupted run, would be written
 */
export function requireReplaceable(output: string): void {
  requireBundleOrNothing(output)
  if (holdsBundle(output)) requireBundleOrNothing(interruptedPath(output))
}

const holdsBundle = (folder: string): boolean => existsSync(join(folder, 'manifest.json'))

function requireBundleOrNothing(folder: string): void {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw new AuscultError('AUSCULT_CONFIG', 'is not a folder that can be written', {
      at: `output: ${folder}`,
      cause: error,
    })
  }
  if (names.length === 0 || names.includes('manifest.json')) return
  throw new AuscultError('AUSCULT_CONFIG', 'the folder exists and is no model bundle', {
    at: `output: ${folder}`,
    remedy: `Choose another, for example ${join(folder, 'model')}.`,
  })
}
