import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EncodedClip } from '../../clip.ts'
import { type OpenFile, openFile } from '../../disk.ts'
import { AuscultError, messageOf } from '../../errors.ts'
import { type Evidence, evidenceFileSchema } from './evidence.ts'

/** A clip as it is given out. */
export interface KeptClip {
  readonly type: string
  readonly bytes: Uint8Array
  /** Of the file. */
  readonly name: string
}

export interface EvidenceFilesOptions {
  readonly folder: string
  readonly keepDays: number | null
  readonly maxBytes: number | null
  readonly openFile?: OpenFile
}

/** The two files of an episode. */
interface Pair {
  /** Undefined when somebody has deleted it. */
  readonly clip: string | undefined
  readonly bytes: number
  /** When it was written, ms since the epoch. */
  readonly at: number
}

const TYPES: Readonly<Record<string, string>> = { '.wav': 'audio/wav', '.npz': 'application/zip' }
/** `<hash of the episode's id>.json` and `<the same>-<hash of the content>.wav`; nothing else is ever deleted. */
const TEXT = /^([0-9a-f]{16})\.json$/
const CLIP = /^([0-9a-f]{16})-[0-9a-f]{8}(\.wav|\.npz)$/
const TEMPORARY = /^[0-9a-f]{16}[-.].*\.tmp$/

const hash = (content: string | Uint8Array, digits: number): string =>
  createHash('sha256').update(content).digest('hex').slice(0, digits)

/**
 * The folder of evidence: for each episode a JSON file and a clip. A pair is there when its JSON file is, which names its clip: the clip is
 * written first and deleted last, and another clip of the episode has another name.
 */
export class EvidenceFiles {
  readonly #options: EvidenceFilesOptions
  readonly #open: OpenFile
  /** By the hash of the episode's id, oldest first. */
  readonly #pairs = new Map<string, Pair>()
  #bytes = 0

  constructor(options: EvidenceFilesOptions) {
    this.#options = options
    this.#open = options.openFile ?? openFile
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.#bytes
  }

  /** Files on the disk. */
  get files(): number {
    return 2 * this.#pairs.size
  }

  /** Makes the folder, takes stock of it, and deletes what a crash left half done. @throws AUSCULT_OUTPUT */
  async open(): Promise<void> {
    const { folder } = this.#options
    try {
      await mkdir(folder, { recursive: true })
      const names = await readdir(folder)
      for (const name of names.filter(name => TEMPORARY.test(name))) await this.#remove(name)
      const clips = names.filter(name => CLIP.test(name))
      const found: [string, Pair][] = []
      for (const key of names.flatMap(name => TEXT.exec(name)?.[1] ?? [])) {
        const own = clips.filter(name => name.startsWith(key))
        found.push([key, await this.#find(key, own)])
      }
      for (const [key, pair] of found.sort(([, a], [, b]) => a.at - b.at)) this.#add(key, pair)
      for (const name of clips) if (this.#pairs.get(name.slice(0, 16))?.clip !== name) await this.#remove(name)
    } catch (cause) {
      throw new AuscultError('AUSCULT_OUTPUT', `the folder of evidence cannot be used: ${messageOf(cause)}`, {
        at: folder,
        cause,
        remedy: 'Set evidence.path to a folder that can be written, or evidence.enabled to false.',
      })
    }
  }

  /** The name of an episode's clip with this content. */
  clipName(episodeId: string, { bytes, extension }: EncodedClip): string {
    return `${hash(episodeId, 16)}-${hash(bytes, 8)}${extension}`
  }

  /**
   * Writes or replaces what is kept of an episode, then makes room.
   * @param name as `clipName` gave it @param now ms since the epoch @throws the error of the system, with nothing changed
   */
  async write(episodeId: string, text: string, name: string, clip: Uint8Array, now: number): Promise<void> {
    const key = hash(episodeId, 16)
    const content = new TextEncoder().encode(text)
    const old = this.#pairs.get(key)
    try {
      await this.#put(name, clip)
      await this.#put(`${key}.json`, content)
    } catch (error) {
      if (old?.clip !== name) await this.#remove(name)
      throw error
    }
    this.#drop(key)
    this.#add(key, { clip: name, bytes: content.length + clip.length, at: now })
    if (old && old.clip !== name) await this.#remove(old.clip)
    await this.trim(now)
  }

  /** Undefined when nothing is kept. @throws AUSCULT_STATE when the file is damaged */
  async read(episodeId: string): Promise<Evidence | undefined> {
    const name = `${hash(episodeId, 16)}.json`
    const bytes = await this.#read(name)
    if (!bytes) return undefined
    const { success, data } = evidenceFileSchema.safeParse(parse(new TextDecoder().decode(bytes)))
    return success && data.episode_id === episodeId ? data : this.#damaged(name)
  }

  /** Undefined when nothing is kept. @throws AUSCULT_STATE when the file is damaged */
  async clip(episodeId: string): Promise<KeptClip | undefined> {
    const name = this.#pairs.get(hash(episodeId, 16))?.clip
    const bytes = name && (await this.#read(name))
    if (!bytes) return undefined
    if (name.slice(17, 25) !== hash(bytes, 8)) return this.#damaged(name)
    return { type: TYPES[name.slice(25)], bytes, name }
  }

  /** Deletes pairs that are too old, then the oldest until the rest fits. */
  async trim(now: number): Promise<void> {
    const { keepDays, maxBytes } = this.#options
    for (const [key, { clip, at }] of this.#pairs) {
      const isOld = keepDays !== null && now - at > keepDays * 86_400_000
      const isTooMuch = maxBytes !== null && this.#bytes > maxBytes
      if (!isOld && !isTooMuch) return
      this.#drop(key)
      await this.#remove(`${key}.json`)
      await this.#remove(clip)
    }
  }

  #add(key: string, pair: Pair): void {
    this.#pairs.set(key, pair)
    this.#bytes += pair.bytes
  }

  #drop(key: string): void {
    this.#bytes -= this.#pairs.get(key)?.bytes ?? 0
    this.#pairs.delete(key)
  }

  /** The pair of a JSON file that is there. A crash may have left the clip before it beside its own, and people may have deleted it. */
  async #find(key: string, clips: readonly string[]): Promise<Pair> {
    const text = await stat(join(this.#options.folder, `${key}.json`))
    const clip = clips.length === 1 ? clips[0] : await this.#clipOf(key, clips)
    const size = clip === undefined ? 0 : (await stat(join(this.#options.folder, clip))).size
    return { clip, bytes: text.size + size, at: text.mtimeMs }
  }

  async #clipOf(key: string, clips: readonly string[]): Promise<string | undefined> {
    const text = new TextDecoder().decode(await this.#read(`${key}.json`))
    return clips.find(name => text.includes(`"file":"${name}"`))
  }

  /** Whole or not at all. */
  async #put(name: string, content: Uint8Array): Promise<void> {
    const path = join(this.#options.folder, name)
    const temporary = `${path}.tmp`
    try {
      const file = await this.#open(temporary)
      try {
        await file.write(content, 0)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {})
      throw error
    }
  }

  /** Undefined where there is none. @throws AUSCULT_STATE */
  async #read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(join(this.#options.folder, name))
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      return this.#damaged(name, cause)
    }
  }

  async #remove(name: string | undefined): Promise<void> {
    if (name !== undefined) await rm(join(this.#options.folder, name), { force: true }).catch(() => {})
  }

  #damaged(name: string, cause?: unknown): never {
    throw new AuscultError('AUSCULT_STATE', 'the evidence of an episode is damaged, or of another version', {
      at: join(this.#options.folder, name),
      cause,
      remedy: 'Delete the file: nothing else depends on it.',
    })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
