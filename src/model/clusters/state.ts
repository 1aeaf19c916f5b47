import { createHash } from 'node:crypto'
import { open as openFile, readFile, rename, rm } from 'node:fs/promises'
import { z } from '../../config.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import type { Clusterer } from './clusterer.ts'
import { restoreClusterer } from './create.ts'
import { Exemplars } from './exemplars.ts'
import { refusal } from './snapshot.ts'

const schema = z.strictObject({ key: z.string(), clusterer: z.unknown(), exemplars: z.unknown() })

/** What is known of clusters from one run to the next. */
export interface ClusterState {
  readonly clusterer: Clusterer
  readonly exemplars: Exemplars
}

/** Names the model and the configuration that a state belongs to. @param bundle anything that differs between bundles, such as a hash */
export const stateKey = (bundle: string, config: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([bundle, config]))
    .digest('hex')

/** Writes a state beside its place, then renames it: a reader sees the old or the new one, whole. @throws AUSCULT_OUTPUT */
export async function saveState(path: string, key: string, { clusterer, exemplars }: ClusterState): Promise<void> {
  const text = JSON.stringify({ key, clusterer: clusterer.snapshot(), exemplars: exemplars.snapshot() })
  const written = `${path}.${process.pid}.tmp`
  try {
    const file = await openFile(written, 'w')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(written, path)
  } catch (cause) {
    await rm(written, { force: true }).catch(() => undefined)
    throw new AuscultError('AUSCULT_OUTPUT', `clusters cannot be saved: ${messageOf(cause)}`, { at: path, cause })
  }
}

/**
 * Reads a state. Undefined when there is none, or when it belongs to another bundle or configuration.
 * @throws AUSCULT_STATE when it is of another version, cut off or edited
 */
export async function loadState(path: string, key: string): Promise<ClusterState | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new AuscultError('AUSCULT_STATE', `saved clusters cannot be read: ${messageOf(cause)}`, { at: path, cause })
  }
  const state = schema.safeParse(parsed(text))
  if (!state.success) throw refusal('the file is not whole', path)
  if (state.data.key !== key) return undefined
  return { clusterer: restoreClusterer(state.data.clusterer, path), exemplars: Exemplars.restore(state.data.exemplars) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
