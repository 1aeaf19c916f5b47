import { basename, dirname } from 'node:path'
import type { Machine } from '../../src/model/engines/machine.ts'

export interface MachineParts {
  /** Files that exist. */
  files?: Readonly<Record<string, string>>
  /** Files that may not be opened. */
  closed?: readonly string[]
  env?: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
  arch?: string
}

/** A machine that has just these files. */
export function machine({
  files = {},
  closed = [],
  env = {},
  platform = 'linux',
  arch = 'x64',
}: MachineParts): Machine {
  const paths = Object.keys(files)
  return {
    platform,
    arch,
    env,
    home: '/home/user',
    exists: path => paths.includes(path),
    list: folder => paths.filter(path => dirname(path) === folder).map(path => basename(path)),
    isWritable: path => paths.includes(path) && !closed.includes(path),
  }
}
