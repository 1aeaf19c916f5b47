import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { encodeWav } from '../../../src/ingest/wav-encode.ts'
import { recordWav, Synthesizer } from '../../../src/train/synth/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'auscult-record-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('recordWav', () => {
  it('writes in blocks what encoding the whole would give, and reports how far it is', async () => {
    const path = join(folder, 'sound.wav')
    const parts: number[] = []
    await recordWav(path, new Synthesizer({ seed: 1 }), 21.5, seconds => parts.push(seconds))
    const whole = encodeWav(new Synthesizer({ seed: 1 }).read(21.5 * 16_000), 16_000)
    expect(readFileSync(path).equals(whole)).toBe(true)
    expect(parts).toEqual([10, 10, 1.5])
  })

  it('ends when its report throws', async () => {
    const stop = () => {
      throw new Error('enough')
    }
    const recording = recordWav(join(folder, 'cut.wav'), new Synthesizer({ seed: 1 }), 60, stop)
    await expect(recording).rejects.toThrow('enough')
  })
})
