import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { fromWire, reasonOf, toWire } from '../../src/stream/scorer-protocol.ts'

describe('errors between threads', () => {
  it('keep code, place and remedy', () => {
    const error = new AuscultError('AUSCULT_BUNDLE', 'changed', { at: 'model.onnx', remedy: 'Train again.' })
    const copy = fromWire(structuredClone(toWire(error)))
    expect(copy).toBeInstanceOf(AuscultError)
    expect(copy).toMatchObject({ code: 'AUSCULT_BUNDLE', message: 'changed', at: 'model.onnx', remedy: 'Train again.' })
  })

  it('become AUSCULT_ENGINE when they have no code of ours', () => {
    const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    for (const error of [missing, 'no such file']) {
      expect(toWire(error)).toMatchObject({ code: 'AUSCULT_ENGINE', message: 'no such file' })
    }
  })

  it('give the reason of failed windows', () => {
    expect(reasonOf('AUSCULT_NON_FINITE')).toBe('non_finite')
  })
})
