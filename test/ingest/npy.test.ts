import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { fileBytes, memoryBytes } from '../../src/ingest/bytes.ts'
import { openNpy, readNpyHeader } from '../../src/ingest/npy.ts'
import { PROJECT } from '../helpers/requires.ts'
import { errorOf } from '../helpers/temporary.ts'

const folder = `${PROJECT}test/fixtures/numpy/`
const { npz: _, ...golden } = JSON.parse(readFileSync(`${folder}golden.json`, 'utf8'))
const names = Object.keys(golden)

const bytesOf = (name: string) => new Uint8Array(readFileSync(folder + name))

async function refusal(bytes: Uint8Array, shape?: number[]): Promise<AuscultError> {
  const error = await errorOf(() => openNpy(memoryBytes('a.npy', bytes as Uint8Array<ArrayBuffer>), shape))
  expect(error).toBeInstanceOf(AuscultError)
  return error as AuscultError
}

/** A file with the header dictionary `text`. */
const withHeader = (text: string) => {
  const header = Buffer.from(text)
  return new Uint8Array(Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), header]))
}

describe('openNpy', () => {
  it.each(names)('reads %s as numpy does', name => {
    const { shape, values } = golden[name]
    const file = fileBytes(folder + name)
    expect(readNpyHeader(file).shape).toEqual(shape)
    const frames = openNpy(file)
    expect([frames.count, frames.shape]).toEqual([1, shape.length ? shape : [1]])
    expect([...frames.read(0)]).toEqual(values)
  })

  it.each(names.filter(name => golden[name].shape.length > 1))('reads %s frame by frame', name => {
    const { shape, values } = golden[name]
    const frames = openNpy(fileBytes(folder + name), shape.slice(1))
    expect([frames.count, frames.shape]).toEqual([shape[0], shape.slice(1)])
    const size = values.length / shape[0]
    for (let i = shape[0] - 1; i >= 0; i--) expect([...frames.read(i)]).toEqual(values.slice(i * size, (i + 1) * size))
  })

  it('takes an array of exactly the declared shape as one frame, and refuses any other', async () => {
    const frames = openNpy(fileBytes(`${folder}f4_le.npy`), [2, 3, 4])
    expect([frames.count, frames.shape]).toEqual([1, [2, 3, 4]])
    const error = await refusal(bytesOf('f4_le.npy'), [4, 3])
    expect([error.code, error.message]).toEqual(['AUSCULT_INPUT_SHAPE', 'the array has shape [2, 3, 4]'])
    expect(error.remedy).toContain('[4, 3]')
  })

  it('says what is wrong, and at which byte', async () => {
    const header = (descr: string, shape: string) =>
      withHeader(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }\n`)
    const cases: [Uint8Array, string, string][] = [
      [new Uint8Array(0), 'a.npy:0', 'the file is empty'],
      [Buffer.from('not an array at all'), 'a.npy:0', 'no \\x93NUMPY tag'],
      [bytesOf('f4_le.npy').subarray(0, 60), 'a.npy:10', 'the header is cut short'],
      [bytesOf('f4_le.npy').subarray(0, 200), 'a.npy:200', '24 bytes of values are missing'],
      [header("'|O'", '(2,)'), 'a.npy:10', '"|O" is not supported'],
      [header("'<c8'", '(2,)'), 'a.npy:10', '"<c8" is not supported'],
      [header("[('x', '<f4')]", '(2,)'), 'a.npy:10', 'a structured type is not supported'],
      [header("'<f4'", '(99999999999, 99999999999)'), 'a.npy:10', 'too large'],
      [header("'<f4'", '(4, 0)'), `a.npy:${header("'<f4'", '(4, 0)').length}`, 'the array is empty'],
      [withHeader('{}'), 'a.npy:10', 'not that of a plain array'],
      [bytesOf('f4_le.npy').with(6, 9), 'a.npy:6', 'version 9'],
    ]
    for (const [bytes, at, message] of cases) {
      const error = await refusal(new Uint8Array(bytes))
      expect([error.code, error.at]).toEqual(['AUSCULT_INPUT_INVALID', at])
      expect(error.message).toContain(message)
    }
  })
})
