import { describe, expect, it } from 'vitest'
import { trainConfigSchema } from '../../src/train/config.ts'
import { checkTrainConfig } from '../../src/train/prepare.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { folder } = temporaryFolder()
const check = (stack: number, frames: number) =>
  checkTrainConfig(
    trainConfigSchema.parse({
      output: `${folder}/model`,
      input: { paths: ['recordings'] },
      front_end: { type: 'log-mel', stack },
      architecture: { type: 'idnn', frames },
    }),
  )

describe('checkTrainConfig', () => {
  it('takes idnn on stacks of its frames alone, even where the sizes would fit', () => {
    expect(() => check(5, 5)).not.toThrow()
    expect(() => check(15, 5)).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_SHAPE',
        at: 'architecture.frames',
        message: expect.stringMatching(/15/),
      }),
    )
    expect(() => check(7, 5)).toThrow(expect.objectContaining({ code: 'AUSCULT_SHAPE' }))
  })
})
