import { hostname, userInfo } from 'node:os'
import { Client } from './client.ts'
import type { Outcome } from './outcome.ts'
import { printable } from './table.ts'

/** Options of every command. */
export interface CtlOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
}

const DEFAULT_URL = 'http://127.0.0.1:8080'

/** Asks the daemon and prints what came of it. @returns the exit code */
export async function runCtl(
  { url, token, json }: CtlOptions,
  ask: (client: Client) => Promise<Outcome>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const client = new Client({
    url: url ?? env.AUSCULT_URL ?? DEFAULT_URL,
    token: token ?? env.AUSCULT_TOKEN ?? env.AUSCULT_HTTP_TOKEN,
  })
  const { body, text, exitCode = 0 } = await ask(client)
  if (!text) return exitCode
  const screen = { columns: process.stdout.isTTY ? process.stdout.columns : undefined, now: Date.now() }
  const lines = json ? JSON.stringify(body) : text(screen).split('\n').map(printable).join('\n')
  process.stdout.write(`${lines}\n`)
  return exitCode
}

/** Who decides, where nobody is named: `user@host`. */
export function whoami(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run as a user that has no name.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`
  }
}
