import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** What one life of a fake recorder does: sound first, then its end. */
export interface Life {
  /** Bytes of sound, all at once. Default none. */
  bytes?: number
  /** Samples per second of sound that then goes on at that pace, in chunks of 50 ms; 0 (the default) for none. */
  rate?: number
  /** Milliseconds after which that ends; never when left out. */
  after?: number
  /** Values of its samples: a counter, all the same, or a square wave at full scale. */
  wave?: 'ramp' | 'constant' | 'square'
  stderr?: string
  /** Exit code at the end; when left out it hangs and says nothing more. */
  code?: number
  /** Ignores SIGTERM. */
  stubborn?: boolean
}

export interface Start {
  readonly pid: number
  readonly args: string[]
  readonly env: Record<string, string>
}

/** Sample `n` of all fake sound, a counter. */
export const fakeSample = (n: number): number => (n % 20_000) + 1

const PROGRAM = `
import { appendFileSync, readFileSync, writeSync } from 'node:fs'
const [folder, ...args] = process.argv.slice(2)
const lives = JSON.parse(readFileSync(folder + '/lives.json', 'utf8'))
const started = (() => { try { return readFileSync(folder + '/starts', 'utf8').split('\\n').length - 1 } catch { return 0 } })()
const { AUDIODEV, AUDIODRIVER, SOX_OPTS, PULSE_LATENCY_MSEC } = process.env
const env = { AUDIODEV, AUDIODRIVER, SOX_OPTS, PULSE_LATENCY_MSEC }
appendFileSync(folder + '/starts', JSON.stringify({ pid: process.pid, args, env }) + '\\n')
const life = lives[Math.min(started, lives.length - 1)]
if (life.stubborn) process.on('SIGTERM', () => {})
const idle = setInterval(() => {}, 1000)
let made = 0
const waves = { ramp: n => (n % 20000) + 1, constant: () => 1000, square: n => (n % 20 < 10 ? 32767 : -32768) }
const sound = samples => {
  const data = Int16Array.from({ length: samples }, (_, i) => waves[life.wave ?? 'ramp'](made + i))
  made += samples
  return new Uint8Array(data.buffer)
}
if (life.bytes) process.stdout.write(sound(Math.ceil(life.bytes / 2)).subarray(0, life.bytes))
let pace
if (life.rate) {
  const begin = performance.now()
  let paced = 0
  pace = setInterval(() => {
    const due = Math.floor(((performance.now() - begin) * life.rate) / 1000) - paced
    paced += due
    process.stdout.write(sound(due))
  }, 50)
}
const end = () => {
  clearInterval(pace)
  if (life.stderr) writeSync(2, life.stderr)
  if (life.code !== undefined) {
    clearInterval(idle)
    process.stdout.write('', () => process.exit(life.code))
  }
}
if (life.after !== undefined || !life.rate) setTimeout(end, life.after ?? 0)
`

/** A folder with a fake recorder of a name, to be first in PATH. */
export class FakeRecorder {
  readonly folder: string
  readonly #before = process.env.PATH

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'auscult-recorder-'))
    writeFileSync(join(this.folder, 'fake.mjs'), PROGRAM)
    process.env.PATH = this.folder
  }

  /** Makes the program; its starts live these lives, one after the other, and then the last one over and over. */
  install(name: 'sox' | 'rec' | 'arecord', ...lives: Life[]): void {
    this.live(...lives)
    const file = join(this.folder, name)
    const script = `#!/bin/sh\nexec '${process.execPath}' '${this.folder}/fake.mjs' '${this.folder}' "$@"\n`
    writeFileSync(file, script)
    chmodSync(file, 0o755)
  }

  live(...lives: Life[]): void {
    writeFileSync(join(this.folder, 'lives.json'), JSON.stringify(lives))
  }

  /** Puts the other programs of this machine behind it. */
  alsoOthers(): void {
    process.env.PATH = [this.folder, this.#before].join(delimiter)
  }

  /** What it was started with, each time. */
  get starts(): Start[] {
    try {
      const lines = readFileSync(join(this.folder, 'starts'), 'utf8').trim().split('\n')
      return lines.map(line => JSON.parse(line))
    } catch {
      return []
    }
  }

  remove(): void {
    process.env.PATH = this.#before
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Whether a process is there and not a zombie. */
export function isRunning(pid: number): boolean {
  try {
    const [, state] = /^\d+ \(.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state !== 'Z'
  } catch {
    return false
  }
}
