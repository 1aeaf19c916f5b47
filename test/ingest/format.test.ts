import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { AuscultError } from '../../src/errors.ts'
import { inputFormatSchema, resolveFormat } from '../../src/ingest/format.ts'

describe('resolveFormat', () => {
  it('goes by the extension, in any case', () => {
    const formats = ['a.wav', 'b/C.WAVE', 'a.npy', 'a.npz', 'a.bin', 'a.raw', 'a.txt', 'a.tsv'].map(path =>
      resolveFormat(path),
    )
    expect(formats).toEqual(['wav', 'wav', 'npy', 'npz', 'raw', 'raw', 'sparse', 'sparse'])
  })

  it('takes the declared format whatever the extension is', () => {
    expect(resolveFormat('a.wav', 'raw')).toBe('raw')
  })

  it('says which extensions there are when it knows none', () => {
    expect(() => resolveFormat('a.doc')).toThrow('unknown extension .doc')
    expect(() => resolveFormat('a')).toThrow('no extension')
    try {
      resolveFormat('a')
    } catch (error) {
      expect(String(error)).toContain('.wav .wave .npy .npz .raw .bin .txt .tsv')
    }
  })
})

describe('inputFormatSchema', () => {
  it('has a default for all but the shape', () => {
    expect(checkConfig({}, inputFormatSchema, 'test')).toEqual({ format: 'auto', dtype: 'f32le' })
  })

  it('refuses unknown formats, types and shapes', () => {
    for (const wrong of [
      { format: 'flac' },
      { dtype: 'f16' },
      { shape: [] },
      { shape: [0] },
      { shape: [1.5] },
      { shap: [1] },
    ]) {
      expect(() => checkConfig(wrong, inputFormatSchema, 'test')).toThrow(AuscultError)
    }
  })
})
