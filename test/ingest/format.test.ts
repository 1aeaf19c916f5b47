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
    const compressed = ['a.flac', 'a.ogg', 'a.oga', 'a.opus', 'a.mp3', 'a.PNG', 'a.jpg', 'a.jpeg', 'a.csv']
    expect(compressed.map(path => resolveFormat(path))).toEqual('flac ogg ogg ogg mp3 png jpeg jpeg csv'.split(' '))
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
      expect(String(error)).toContain('.npy .npz .raw .bin .txt .tsv .png .jpg .jpeg .csv')
    }
  })
})

describe('inputFormatSchema', () => {
  it('has a default for all but shape and columns', () => {
    expect(checkConfig({}, inputFormatSchema, 'test')).toEqual({ format: 'auto', dtype: 'f32le' })
  })

  it('refuses unknown formats, types and shapes', () => {
    for (const wrong of [
      { format: 'aiff' },
      { dtype: 'f16' },
      { shape: [] },
      { shape: [0] },
      { shape: [1.5] },
      { shap: [1] },
      { columns: [-1] },
      { columns: [] },
    ]) {
      expect(() => checkConfig(wrong, inputFormatSchema, 'test')).toThrow(AuscultError)
    }
  })
})
