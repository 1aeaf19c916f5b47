import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import lpcm16 from 'node-record-lpcm16'
import { messageOf } from '../../errors.ts'
import type { RecorderOptions } from './config.ts'
import { recorderEnvironment, withEnvironment } from './environment.ts'
import { ErrorText } from './error-text.ts'

export interface RecorderEvents {
  /** Bytes of interleaved 16-bit samples, in pieces of any length. */
  data(bytes: Uint8Array): void
  /** The recorder is gone, and why. Called once, also after `stop`. */
  ended(reason: string): void
}

/** A recorder that was asked to end is killed after so long, and given up after twice that, ms. */
const PATIENCE = 1000
/** A started process needs three pipes of two ends, and Node some more. */
const DESCRIPTORS = 12

/** A running recorder program. It ends when this process does, because its output is closed then. */
export class RecorderProcess {
  readonly #name: string
  readonly #process: ReturnType<typeof lpcm16.record>['process']
  readonly #events: RecorderEvents
  readonly #said = new ErrorText()
  readonly #gone: Promise<void>
  #ended = false

  /** @throws the error of the system when no process can be made */
  constructor(options: RecorderOptions, events: RecorderEvents) {
    this.#name = options.recorder
    this.#events = events
    this.#process = start(options)
    const { stdout, stderr } = this.#process
    stdout.on('data', (bytes: Uint8Array) => {
      if (!this.#ended) events.data(bytes)
    })
    stdout.on('error', () => {})
    stderr.on('data', (bytes: Uint8Array) => this.#said.push(bytes))
    stderr.on('error', () => {})
    this.#process.stdin.on('error', () => {})
    this.#process.stdin.end()
    this.#gone = new Promise(resolve => {
      this.#process.on('error', error => {
        this.#end(`${this.#name} cannot be started: ${messageOf(error)}`)
        resolve()
      })
      this.#process.on('exit', (code, signal) => {
        // What it has written last is still to be read; a process of its own that holds the pipes is not waited for.
        const end = () => this.#end(this.#describe(code, signal))
        this.#process.once('close', end)
        setTimeout(end, PATIENCE).unref()
        resolve()
      })
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Resolves when the process is gone: asked at first, killed after a second. */
  async stop(): Promise<void> {
    this.#process.kill()
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE)
    let giveUp: NodeJS.Timeout | undefined
    await Promise.race([
      this.#gone,
      new Promise(resolve => {
        giveUp = setTimeout(resolve, 2 * PATIENCE)
      }),
    ])
    clearTimeout(kill)
    clearTimeout(giveUp)
    this.#end(`${this.#name} was stopped`)
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#process.stdout.destroy()
    this.#process.stderr.destroy()
    this.#events.ended(reason)
  }

  #describe(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was killed by ${signal}` : `ended with code ${code}`
    const said = this.#said.line
    return `${this.#name} ${how}${said ? `: ${said}` : ''}`
  }
}

function start(options: RecorderOptions) {
  assertDescriptors()
  const { recorder, sampleRate, channels, device = null } = options
  const settings = { recorder, sampleRate, channels, device, audioType: 'raw', endOnSilence: false } as const
  return withEnvironment(recorderEnvironment(options), () => lpcm16.record(settings).process)
}

/** node-record-lpcm16 leaves an 'error' event that nobody can listen to when the limit of open files is reached: find out before. */
function assertDescriptors(): void {
  const opened: number[] = []
  try {
    for (let i = 0; i < DESCRIPTORS; i++) opened.push(openSync(devNull, 'r'))
  } finally {
    for (const descriptor of opened) closeSync(descriptor)
  }
}
