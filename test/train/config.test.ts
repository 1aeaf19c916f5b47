import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig } from '../../src/config.ts'
import { configSample } from '../../src/config-sample.ts'
import { trainConfigSchema } from '../../src/train/config.ts'

describe('trainConfigSchema', () => {
  it('needs nothing but recordings', () => {
    const config = trainConfigSchema.parse({ input: { paths: ['recordings'] } })
    expect(config.front_end).toMatchObject({ type: 'log-mel', stack: 5 })
    expect(config.architecture.type).toBe('dense-ae')
    expect(config.training.loss).toBe('mse')
  })

  it('prints a sample that it accepts, equal to its defaults', () => {
    const text = configSample(trainConfigSchema)
    const sample = checkConfig(parse(text), trainConfigSchema, 'sample')
    expect(sample).toEqual(trainConfigSchema.parse({ input: { paths: ['recordings'] } }))
    expect(text).not.toContain('undefined')
  })

  it('describes every option in its sample', () => {
    const lines = configSample(trainConfigSchema).split('\n')
    const bare = lines.filter((line, i) => {
      const isOption = /^ *[a-z_0-9]+:/.test(line) && !/^ *type:/.test(line)
      return isOption && !/^ *#/.test(lines[i - 1] ?? '')
    })
    expect(bare).toEqual([])
  })

  it('reports every problem at once, with its path', () => {
    const raw = { input: { paths: [] }, training: { epochs: 0, lr: 1 }, split: { calibration: 0 } }
    expect(() => checkConfig(raw, trainConfigSchema, 'a.yaml')).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        message: expect.stringMatching(
          /input\.paths[\s\S]*split\.calibration[\s\S]*training\.epochs[\s\S]*training\.lr/,
        ),
      }),
    )
  })
})
