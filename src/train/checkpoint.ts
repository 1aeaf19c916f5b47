import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AuscultError } from '../errors.ts'
import type { State } from './program.ts'
import type { ScheduleState } from './schedule.ts'

/** One line of the history: what an epoch did. */
export interface EpochRecord {
  /** Of all phases, from 1. */
  epoch: number
  /** Absent where there is but one. */
  phase?: string
  /** Mean loss of the training batches. */
  loss: number
  /** Mean loss of the validation windows; null where there are none. */
  validation_loss: number | null
  learning_rate: number
  seconds: number
}

/** Everything that training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Hash of the options that must not change between runs. */
  configHash: string
  /** Index of the phase; absent in the first. */
  phase?: number
  schedule: ScheduleState
  history: EpochRecord[]
  bestEpoch: number
  /** Weights, BatchNorm statistics and optimiser moments after the last epoch. */
  state: State
  /** The same after the best epoch. */
  best: State
}

const MAGIC = 'AUSCKPT1'

interface Header {
  meta: Omit<Checkpoint, 'state' | 'best'>
  tensors: { group: 'state' | 'best'; name: string; shape: readonly number[]; length: number }[]
  sha256: string
}

/**
 * Writes to a temporary file, flushes, renames: the file is whole or the former one.
 * Layout: magic (8 bytes), header length (uint32 LE), header (JSON), tensors as float32 LE in the header's order.
 */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  const { state, best, ...meta } = checkpoint
  const groups = { state, best }
  const parts: Uint8Array[] = []
  const tensors: Header['tensors'] = []
  for (const group of ['state', 'best'] as const) {
    for (const [name, { data, shape }] of Object.entries(groups[group])) {
      tensors.push({ group, name, shape, length: data.length })
      parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
  }
  const header = Buffer.from(JSON.stringify({ meta, tensors, sha256: digest(parts) } satisfies Header))
  const prefix = Buffer.alloc(12)
  prefix.write(MAGIC, 'latin1')
  prefix.writeUInt32LE(header.length, 8)
  const temporary = `${file}.${process.pid}.tmp`
  mkdirSync(dirname(file), { recursive: true })
  try {
    const handle = await open(temporary, 'w')
    try {
      for (const part of [prefix, header, ...parts]) await handle.writeFile(part)
      await handle.sync()
    } finally {
      await handle.close()
    }
    renameSync(temporary, file)
  } catch (cause) {
    rmSync(temporary, { force: true })
    throw new AuscultError('AUSCULT_TRAINING', 'the checkpoint cannot be written', {
      at: file,
      cause,
      remedy: 'Check the space and the rights of the output folder.',
    })
  }
}

/** @throws AUSCULT_INPUT_MISSING when there is none, AUSCULT_INPUT_INVALID when it is damaged */
export function readCheckpoint(file: string): Checkpoint {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw new AuscultError('AUSCULT_INPUT_MISSING', 'there is no checkpoint to resume from', {
      at: file,
      cause,
      remedy: 'Train without --resume.',
    })
  }
  const header = readHeader(bytes)
  const body = header && bytes.subarray(12 + bytes.readUInt32LE(8))
  if (!header || !body || digest([body]) !== header.sha256) {
    throw new AuscultError('AUSCULT_INPUT_INVALID', 'the checkpoint is damaged', {
      at: file,
      remedy: 'Delete it and train without --resume.',
    })
  }
  const groups: Record<'state' | 'best', State> = { state: {}, best: {} }
  let offset = 0
  for (const { group, name, shape, length } of header.tensors) {
    const data = new Float32Array(body.buffer.slice(body.byteOffset + offset, body.byteOffset + offset + 4 * length))
    groups[group][name] = { data, shape }
    offset += 4 * length
  }
  return { ...header.meta, ...groups }
}

function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined
  try {
    return JSON.parse(bytes.toString('utf8', 12, 12 + bytes.readUInt32LE(8)))
  } catch {
    return undefined
  }
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}
