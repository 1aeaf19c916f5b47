import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuscultError, messageOf } from '../errors.ts'
import type { EpisodeEvent } from '../types.ts'
import { eventFromJson, eventToJson } from './event-json.ts'

/** How much of an old log is read at start. */
const TAIL_BYTES = 4 << 20
const NEWLINE = 10

/** A file of episode events, one JSON object a line. Grows only by whole groups of lines that are on the disk. */
export class EventLog {
  readonly path: string
  readonly #file: FileHandle
  #size: number

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path
    this.#file = file
    this.#size = size
  }

  /**
   * Opens or makes the file and reads its last events. A last line that was torn by a crash is cut off: nobody was told of it.
   * @throws AUSCULT_STORE when the file cannot be written, or holds something else
   */
  static async open(path: string): Promise<{ log: EventLog; events: EpisodeEvent[]; torn: boolean }> {
    let file: FileHandle | undefined
    try {
      await mkdir(dirname(path), { recursive: true })
      file = await open(path, 'a+')
      const { size } = await file.stat()
      const { events, whole } = await readTail(file, size, path)
      if (whole < size) await file.truncate(whole)
      return { log: new EventLog(path, file, whole), events, torn: whole < size }
    } catch (cause) {
      await file?.close()
      if (cause instanceof AuscultError) throw cause
      throw new AuscultError('AUSCULT_STORE', `the event store cannot be opened: ${messageOf(cause)}`, {
        at: path,
        cause,
        remedy: 'Set store.path to a file in a folder that can be written, or to null to keep episodes in memory only.',
      })
    }
  }

  /** Writes the events and waits for the disk. After an error nothing of them is left in the file. */
  async append(events: readonly EpisodeEvent[]): Promise<void> {
    const bytes = Buffer.from(events.map(event => `${JSON.stringify(eventToJson(event))}\n`).join(''))
    try {
      await this.#file.writeFile(bytes)
      await this.#file.datasync()
      this.#size += bytes.length
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => {})
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** The events at the end of the file, and how many of its bytes are whole lines. */
async function readTail(file: FileHandle, size: number, path: string) {
  const start = Math.max(0, size - TAIL_BYTES)
  const tail = Buffer.alloc(size - start)
  for (let filled = 0; filled < tail.length; ) {
    const { bytesRead } = await file.read(tail, filled, tail.length - filled, start + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  const end = tail.lastIndexOf(NEWLINE) + 1
  const first = start === 0 ? 0 : tail.indexOf(NEWLINE) + 1
  const lines = tail.toString('utf8', Math.min(first, end), end).split('\n').filter(Boolean)
  const events = lines.map(parseLine).filter(event => event !== undefined)
  const torn = tail.toString('utf8', end, end + 10)
  const foreign = lines.length > 0 ? events.length === 0 : torn !== '' && !'{"type":"e'.startsWith(torn)
  if (!foreign) return { events, whole: start + end }
  throw new AuscultError('AUSCULT_STORE', 'the file holds something other than episode events', {
    at: path,
    remedy: 'Set store.path to another file; this one has not been touched.',
  })
}

function parseLine(line: string): EpisodeEvent | undefined {
  try {
    return eventFromJson(JSON.parse(line))
  } catch {
    return undefined
  }
}
