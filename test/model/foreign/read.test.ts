import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readForeignModel } from '../../../src/model/foreign/read.ts'
import { encodeModel } from '../../../src/model/onnx/model.ts'
import { floatsOf } from '../../../src/model/onnx/tensors.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { pairs } from './small-models.ts'

const { write } = temporaryFolder()

/** `pairs` with `w` in another file, behind 8 bytes of something else. */
function external(location: string, length = '32'): Uint8Array {
  const model = pairs()
  const w = model.graph.initializer![0]
  delete w.rawData
  w.dataLocation = 1
  w.externalData = Object.entries({ location, offset: '8', length }).map(([key, value]) => ({ key, value }))
  return encodeModel(model)
}

const data = Buffer.from(new Float32Array([9, 9, 1, 0, 1, 0, 0, 1, 0, 1]).buffer)

describe('readForeignModel', () => {
  it('takes in weights that lie beside the model', async () => {
    const file = write('m/pump.onnx', external('pump.onnx.data'))
    write('m/pump.onnx.data', data)
    const read = await readForeignModel(file)
    expect(read.external).toEqual(['pump.onnx.data'])
    expect(read.bytes).toBe(external('pump.onnx.data').length + 40)
    const [w] = read.model.graph.initializer!
    expect([...floatsOf(w)!]).toEqual([1, 0, 1, 0, 0, 1, 0, 1])
    const hash = createHash('sha256').update(external('pump.onnx.data')).update(data).digest('hex')
    expect(read.sha256).toBe(hash)
  })

  it.each([
    [
      'that are missing',
      external('gone.data'),
      { code: 'AUSCULT_INPUT_MISSING', remedy: expect.stringContaining('gone.data') },
    ],
    ['outside its folder', external('../pump.onnx.data'), { message: expect.stringContaining('not beside it') }],
    ['that are cut short', external('short.data', '64'), { message: expect.stringContaining('end beyond') }],
  ])('refuses weights %s', async (_, bytes, expected) => {
    write('bad/short.data', data)
    await expect(readForeignModel(write('bad/pump.onnx', bytes))).rejects.toMatchObject(expected)
  })

  it('says that a file is no model, or not there', async () => {
    await expect(readForeignModel(write('text.onnx', 'hello'))).rejects.toMatchObject({ code: 'AUSCULT_BUNDLE' })
    await expect(readForeignModel('/nowhere.onnx')).rejects.toMatchObject({ code: 'AUSCULT_INPUT_MISSING' })
  })
})
