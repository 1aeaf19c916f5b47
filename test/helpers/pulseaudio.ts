import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeWav } from '../../src/ingest/wav-encode.ts'
import { until } from './until.ts'

/** A sink without a loudspeaker; what is played into it can be recorded from its monitor. At the rate of most sound cards. */
const SINK = 'machine'
export const CARD_RATE = 48_000
export const MONITOR = `${SINK}.monitor`

/** Variables that lead the programs of PulseAudio to a server. */
const VARIABLES = ['HOME', 'XDG_RUNTIME_DIR', 'PULSE_RUNTIME_PATH', 'PULSE_SERVER'] as const

/** A private PulseAudio with a null sink. Sets the variables of this process, so that recorders find it. */
export class PulseAudio {
  readonly #folder: string
  readonly #server: ChildProcess
  readonly #before = VARIABLES.map(name => [name, process.env[name]] as const)
  readonly #players = new Set<ChildProcess>()

  private constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'auscult-pulse-'))
    const runtime = join(this.#folder, 'runtime')
    mkdirSync(runtime, { mode: 0o700 })
    const socket = join(this.#folder, 'socket')
    Object.assign(process.env, {
      HOME: this.#folder,
      XDG_RUNTIME_DIR: this.#folder,
      PULSE_RUNTIME_PATH: runtime,
      PULSE_SERVER: `unix:${socket}`,
    })
    const modules = [
      `module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      `module-null-sink sink_name=${SINK} rate=${CARD_RATE} channels=1`,
    ]
    const args = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--log-level=error']
    this.#server = spawn('pulseaudio', [...args, ...modules.flatMap(module => ['-L', module])], { stdio: 'ignore' })
  }

  /** Resolves when its monitor can be recorded. */
  static async start(): Promise<PulseAudio> {
    const server = new PulseAudio()
    const record = ['-t', 'pulseaudio', MONITOR, '-n', 'trim', '0', '0.01']
    await until(() => spawnSync('sox', record, { stdio: 'ignore' }).status === 0)
    return server
  }

  /** Plays sound into the sink, once. Resolves at its end, or when it is silenced. */
  async play(samples: Float32Array, sampleRate: number): Promise<void> {
    const args = ['-q', '-t', 'wav', '-', '-r', String(CARD_RATE), '-t', 'pulseaudio', SINK, 'rate', '-h']
    const player = spawn('sox', args, { stdio: ['pipe', 'ignore', 'ignore'] })
    this.#players.add(player)
    player.stdin.on('error', () => {})
    player.stdin.end(encodeWav(samples, sampleRate))
    await once(player, 'close')
    this.#players.delete(player)
  }

  /** Processes that play now. */
  get players(): number[] {
    return [...this.#players].flatMap(({ pid }) => pid ?? [])
  }

  /** Ends what is being played. */
  silence(): void {
    for (const player of this.#players) player.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.silence()
    const ended = once(this.#server, 'exit')
    if (this.#server.exitCode === null && this.#server.kill('SIGTERM')) await ended
    for (const [name, value] of this.#before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Programs of a name that a process has started and that run. */
export function childrenOf(parent: number, name: string): number[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(pid => {
      const [, command, state, ppid] = /^\d+ \((.*)\) (\w) (\d+)/s.exec(statOf(pid)) ?? []
      return command === name && state !== 'Z' && Number(ppid) === parent
    })
    .map(Number)
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
