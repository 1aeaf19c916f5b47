import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What is asked of the machine before a device is tried. An interface, so that tests can have machines of other kinds. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  exists(path: string): boolean
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): string[]
  isWritable(path: string): boolean
}

const orElse = <T>(value: () => T, otherwise: T): T => {
  try {
    return value()
  } catch {
    return otherwise
  }
}

export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  home: homedir(),
  exists: existsSync,
  list: folder => orElse(() => readdirSync(folder).sort(), []),
  isWritable: path => orElse(() => accessSync(path, constants.R_OK | constants.W_OK) === undefined, false),
}

export const isContainer = ({ exists }: Machine): boolean => exists('/.dockerenv') || exists('/run/.containerenv')

const LIBRARY_FOLDERS = ['/lib', '/usr/lib', '/lib64', '/usr/lib64', '/usr/local/lib']

/** Whether a library is where Linux looks for it. */
export function hasLibrary(name: string, { env, exists, arch }: Machine): boolean {
  const triplet = `${arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const named = (env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean)
  const usual = LIBRARY_FOLDERS.flatMap(folder => [folder, join(folder, triplet)])
  return [...named, ...usual].some(folder => exists(join(folder, name)))
}
