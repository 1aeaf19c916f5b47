import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** State of a socket that listens, in /proc/net/tcp. */
const LISTENING = '0A'

/**
 * The program that listens on a port of this machine: `node (process 1234)`. Undefined where the system does not tell: other systems than
 * Linux, and processes of other users.
 */
export function listenerOf(port: number): string | undefined {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap(table => socketsOn(port, table)))
  if (sockets.size === 0) return undefined
  const pid = namesIn('/proc').find(name => /^\d+$/.test(name) && holdsOne(name, sockets))
  if (pid === undefined) return 'a program of another user'
  return `${textOf(`/proc/${pid}/comm`).trim()} (process ${pid})`
}

function socketsOn(port: number, table: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return textOf(table)
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTENING)
    .map(fields => `socket:[${fields[9]}]`)
}

function holdsOne(pid: string, sockets: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`
  return namesIn(folder).some(fd => {
    try {
      return sockets.has(readlinkSync(`${folder}/${fd}`))
    } catch {
      return false
    }
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
