import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { memoryBytes } from '../../src/ingest/bytes.ts'
import { RAW_DTYPES, type RawDtype } from '../../src/ingest/format.ts'
import { openRaw } from '../../src/ingest/raw.ts'
import { errorOf } from '../helpers/temporary.ts'

const VALUES = [0, 1, 200, 3, 40, 255]

const ENCODED: Record<RawDtype, ArrayBufferView> = {
  f32le: Float32Array.from(VALUES),
  f64le: Float64Array.from(VALUES),
  u8: Uint8Array.from(VALUES),
  u16le: Uint16Array.from(VALUES),
  i16le: Int16Array.from(VALUES),
  i32le: Int32Array.from(VALUES),
}

const fileOf = ({ buffer, byteLength }: ArrayBufferView) =>
  memoryBytes('a.raw', new Uint8Array(buffer as ArrayBuffer, 0, byteLength))

describe('openRaw', () => {
  it.each(RAW_DTYPES)('reads frames of %s', dtype => {
    const frames = openRaw(fileOf(ENCODED[dtype]), dtype, [3])
    expect([frames.count, frames.shape]).toEqual([2, [3]])
    expect([...frames.read(1), ...frames.read(0)]).toEqual([3, 40, 255, 0, 1, 200])
  })

  it('keeps signs', () => {
    expect([...openRaw(fileOf(Int16Array.of(-5, 7)), 'i16le', [2]).read(0)]).toEqual([-5, 7])
    expect([...openRaw(fileOf(Int32Array.of(-70_000)), 'i32le', [1]).read(0)]).toEqual([-70_000])
  })

  it('refuses an empty file and a part of a frame', async () => {
    const empty = (await errorOf(() => openRaw(fileOf(new Uint8Array(0)), 'u8', [2]))) as AuscultError
    expect([empty.code, empty.at]).toEqual(['AUSCULT_INPUT_INVALID', 'a.raw'])
    const part = await errorOf(() => openRaw(fileOf(new Uint8Array(10)), 'f32le', [2, 2]))
    expect(part).toBeInstanceOf(AuscultError)
    expect((part as AuscultError).code).toBe('AUSCULT_INPUT_SHAPE')
    expect(String(part)).toContain('10 bytes are no whole number of f32le frames of [2, 2]')
    expect(String(part)).toContain('A frame takes 16 bytes')
  })
})
