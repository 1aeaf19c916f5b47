import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AuscultError, messageOf } from '../errors.ts'
import { inspectFile } from '../stream/store/inspect.ts'
import { type Check, missing, ok } from './check.ts'
import type { FolderNeed } from './needs.ts'
import { gigabytes } from './versions.ts'

/** Whether what is written can be written, and there is room for all that may come. */
export function checkFolders(needs: readonly FolderNeed[]): Check[] {
  if (needs.length === 0) return [ok('store', 'events are kept in memory; store.path keeps them on the disk')]
  return needs.map(checkFolder)
}

function checkFolder({ name, path, isStore, megabytes }: FolderNeed): Check {
  const target = resolve(path)
  try {
    if (isStore) inspectFile(target)
    const folder = existing(isStore ? dirname(target) : target)
    accessSync(folder, constants.W_OK | constants.X_OK)
    if (isStore && isThere(target)) accessSync(target, constants.R_OK | constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    const taken = isStore && isThere(target) ? statSync(target).size : 0
    const room = `${path} can be written; ${gigabytes(free)} are free`
    if (megabytes === null || free + taken >= megabytes * 1e6) return ok(name, room)
    const text = `${room}, but it may take ${gigabytes(megabytes * 1e6)}`
    return missing(name, true, text, `Free some space, or lower ${name}.max_mb.`)
  } catch (error) {
    if (error instanceof AuscultError) return missing(name, true, `${path}: ${error.message}`, error.remedy)
    const remedy = `Give this user the folder, or choose another: \`sudo chown $USER ${dirname(target)}\`.`
    return missing(name, true, `${path} cannot be written: ${messageOf(error)}`, remedy)
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

/** The folder itself, or the nearest above it that exists: it is made in there. */
function existing(folder: string): string {
  const parent = dirname(folder)
  return isThere(folder) || parent === folder ? folder : existing(parent)
}
