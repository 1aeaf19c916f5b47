import { describe, expect, it } from 'vitest'
import { autoencoderSchema, specify } from '../../../src/model/architectures/config.ts'
import { shapeChain } from '../../../src/model/architectures/spec.ts'

const chain = (config: object, shape: number[]) =>
  shapeChain(specify(autoencoderSchema.parse(config), shape), shape).map(link => link.shape)

describe('architectures', () => {
  it('dense-ae by default is the DCASE baseline', () => {
    const units = chain({ type: 'dense-ae' }, [640]).map(([n]) => n)
    expect(units.filter((n, i) => n !== units[i - 1])).toEqual([640, 128, 8, 128, 640])
    expect(specify(autoencoderSchema.parse({ type: 'dense-ae' }), [640]).encoder.map(spec => spec.kind)).toContain(
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
    const config = autoencoderSchema.parse({ type: 'conv1d-ae', decoder: [8, 16, 16] })
    expect(() => specify(config, [4800, 1])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE', at: 'architecture' }),
    )
    expect(() => specify(config, [4800, 1])).toThrow(/9600×1.*4800×1 +features.*1×600×5 +conv 5/s)
  })

  it('says which layer leaves nothing', () => {
    expect(() => specify(autoencoderSchema.parse({ type: 'conv2d-ae' }), [6, 6, 1])).toThrow(
      /nothing is left after conv 64/,
    )
  })

  it('says how many entries a list of kernels needs', () => {
    const config = autoencoderSchema.parse({ type: 'conv1d-ae', kernel: [4, 4] })
    expect(() => specify(config, [4800, 1])).toThrow(/2 entries for 6 layers/)
  })

  it('refuses a convolution on a vector', () => {
    expect(() => specify(autoencoderSchema.parse({ type: 'conv2d-ae' }), [640])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE' }),
    )
  })

  it('lstm-ae reads frames to one state and back', () => {
    const shapes = chain({ type: 'lstm-ae', hidden: [96] }, [32, 128, 1])
    expect(shapes).toEqual([[32, 128, 1], [32, 128], [32, 96], [64], [32, 64], [32, 96], [32, 128], [32, 128, 1]])
  })

  it('lstm-ae refuses what is no sequence, or too long a one, and says what to set', () => {
    const config = autoencoderSchema.parse({ type: 'lstm-ae' })
    const shapeError = (remedy: string) =>
      expect.objectContaining({ code: 'AUSCULT_SHAPE', remedy: expect.stringContaining(remedy) })
    expect(() => specify(config, [640])).toThrow(shapeError('front_end.crop'))
    expect(() => specify(config, [257, 8, 1])).toThrow(shapeError('front_end.crop'))
  })

  it('conv2d-ae with skip connections joins the maps of all convolutions but the last', () => {
    const { encoder, decoder } = specify(autoencoderSchema.parse({ type: 'conv2d-ae', skip: true }), [128, 128, 1])
    expect(encoder.filter(({ kind }) => kind === 'keep')).toHaveLength(2)
    expect(decoder.filter(({ kind }) => kind === 'concat')).toHaveLength(2)
    const shapes = chain({ type: 'conv2d-ae', skip: true }, [128, 128, 1])
    expect(shapes).toContainEqual([32, 32, 64])
    expect(shapes).toContainEqual([64, 64, 32])
  })

  it('conv2d-ae needs two convolutions for skip connections', () => {
    const config = autoencoderSchema.parse({ type: 'conv2d-ae', skip: true, convolutions: [{ filters: 4 }] })
    expect(() => specify(config, [16, 16, 1])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE', at: 'architecture.skip' }),
    )
  })

  it('idnn by default is that of its paper on five frames', () => {
    const units = chain({ type: 'idnn' }, [640]).map(([n]) => n)
    expect(units.filter((n, i) => n !== units[i - 1])).toEqual([640, 512, 64, 32, 16, 32, 64, 128, 640])
  })

  it('idnn wants frames with one in the middle', () => {
    expect(() => specify(autoencoderSchema.parse({ type: 'idnn' }), [512])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_SHAPE', at: 'architecture.frames' }),
    )
    expect(() => specify(autoencoderSchema.parse({ type: 'idnn' }), [4, 128, 1])).toThrow(/4×128×1/)
    expect(() => autoencoderSchema.parse({ type: 'idnn', frames: 4 })).toThrow(/odd/)
  })
})
