import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../src/train/checkpoint.ts'
import { startSchedule } from '../../src/train/schedule.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))
  file = join(folder, 'model.checkpoint')
})
afterEach(() => rmSync(folder, { recursive: true }))

const checkpoint = (n: number): Checkpoint => ({
  configHash: 'abc',
  schedule: startSchedule(0.01),
  bestEpoch: 1,
  history: [{ epoch: 1, loss: 0.5, validation_loss: null, learning_rate: 0.01, seconds: 2 }],
  state: {
    'dense/kernel': { data: Float32Array.from({ length: n }, (_, i) => Math.sin(i)), shape: [n] },
    step: { data: Float32Array.of(7), shape: [] },
  },
  best: { 'dense/kernel': { data: new Float32Array(n).fill(2), shape: [n] } },
})

describe('checkpoint', () => {
  it('reads back what was written, and leaves nothing else behind', async () => {
    await writeCheckpoint(file, checkpoint(1000))
    await writeCheckpoint(file, checkpoint(7))
    expect(readCheckpoint(file)).toEqual(checkpoint(7))
    expect(readdirSync(folder)).toEqual(['model.checkpoint'])
  })

  it('says that there is none', () => {
    expect(() => readCheckpoint(file)).toThrow(expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING' }))
  })

  it('refuses a truncated file and one with a changed byte', async () => {
    await writeCheckpoint(file, checkpoint(20))
    const whole = readFileSync(file)
    const damaged = expect.objectContaining({ code: 'AUSCULT_INPUT_INVALID' })
    const tensors = 12 + whole.readUInt32LE(8)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), at => {
        writeFileSync(file, whole.subarray(0, at))
        expect(() => readCheckpoint(file)).toThrow(damaged)
        const changed = Buffer.from(whole)
        changed[Math.max(at, tensors)] ^= 1
        writeFileSync(file, changed)
        expect(() => readCheckpoint(file)).toThrow(damaged)
      }),
    )
  })

  it('leaves nothing behind when it cannot write', async () => {
    mkdirSync(file)
    await expect(writeCheckpoint(file, checkpoint(3))).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_TRAINING', at: file }),
    )
    expect(readdirSync(folder)).toEqual(['model.checkpoint'])
  })
})
