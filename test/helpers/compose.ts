import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { PROJECT } from './requires.ts'

export interface ComposeService {
  readonly image: string
  readonly build?: { readonly context: string }
  readonly command: readonly string[] | null
  readonly entrypoint: readonly string[] | null
  readonly environment?: Readonly<Record<string, string | null>>
  readonly ports?: readonly { host_ip: string; target: number; published: string }[]
  readonly volumes?: readonly { type: string; source: string; target: string; read_only?: boolean }[]
  readonly depends_on?: Readonly<Record<string, { condition: string }>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly mem_limit?: string
}

export interface ComposeProject {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
}

export const COMPOSE_FILE = join(PROJECT, 'dashboards/compose.yml')

/**
 * Loads a compose file with the loader of `docker compose` (compose-go): merged, interpolated, and checked against the schema.
 * @param go the program Go
 * @throws an Error with what the loader says
 */
export function loadCompose(go: string, file: string, env: Record<string, string> = {}): ComposeProject {
  const { PATH, HOME } = process.env
  const { status, stdout, stderr } = spawnSync(go, ['run', '.', file], {
    cwd: join(PROJECT, 'test/stack/compose-loader'),
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
