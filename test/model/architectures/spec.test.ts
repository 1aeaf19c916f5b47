import { describe, expect, it } from 'vitest'
import { architectureSchema, specify } from '../../../src/model/architectures/config.ts'
import { shapeChain } from '../../../src/model/architectures/spec.ts'

const chain = (config: object, shape: number[]) =>
  shapeChain(specify(architectureSchema.parse(config), shape), shape).map(link => link.shape)

describe('architectures', () => {
  it('dense-ae by default is the DCASE baseline', () => {
    const units = chain({ type: 'dense-ae' }, [640]).map(([n]) => n)
    expect(units.filter((n, i) => n !== units[i - 1])).toEqual([640, 128, 8, 128, 640])
    expect(specify(architectureSchema.parse({ type: 'dense-ae' }), [640]).encoder.map(spec => spec.kind)).toContain(
      'batch-norm',
    )
  })

  it('conv1d-ae by default halves 4,800 samples three times', () => {
    const shapes = chain({ type: 'conv1d-ae' }, [4800, 1])
    expect(shapes).toContainEqual([1, 600, 5])
    expect(shapes).toContainEqual([1, 1200, 8])
    expect(shapes.at(-1)).toEqual([4800, 1])
  })

  it('conv2d-ae has presets for 100 × 100', () => {
    const large = chain({ type: 'conv2d-ae' }, [100, 100, 1])
    expect(large).toContainEqual([12, 12, 64])
    expect(large).toContainEqual([32])
    expect(chain({ type: 'conv2d-ae', preset: 'S' }, [100, 100, 1])).toContainEqual([3])
  })

  it('shows the chain of shapes when a decoder does not give the input back', () => {
    const config = architectureSchema.parse({ type: 'conv1d-ae', decoder: [8, 16, 16] })
    expect(() => specify(config, [4800, 1])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE', at: 'architecture' }),
    )
    expect(() => specify(config, [4800, 1])).toThrow(/9600×1.*4800×1 +features.*1×600×5 +conv 5/s)
  })

  it('says which layer leaves nothing', () => {
    expect(() => specify(architectureSchema.parse({ type: 'conv2d-ae' }), [6, 6, 1])).toThrow(
      /nothing is left after conv 64/,
    )
  })

  it('says how many entries a list of kernels needs', () => {
    const config = architectureSchema.parse({ type: 'conv1d-ae', kernel: [4, 4] })
    expect(() => specify(config, [4800, 1])).toThrow(/2 entries for 6 layers/)
  })

  it('refuses a convolution on a vector', () => {
    expect(() => specify(architectureSchema.parse({ type: 'conv2d-ae' }), [640])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE' }),
    )
  })
})
