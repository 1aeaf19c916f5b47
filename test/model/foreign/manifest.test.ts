import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkForeignManifest, readForeignManifest } from '../../../src/model/foreign/manifest.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const { write } = temporaryFolder()
const page = readFileSync(join(PROJECT, 'docs/other-models.md'), 'utf8')

describe('docs/other-models.md', () => {
  it('shows a manifest that passes', () => {
    const [, text] = /^```yaml foreign\n([\s\S]*?)^```$/m.exec(page)!
    expect(checkForeignManifest(parse(text), 'docs')).toMatchObject({
      front_end: { type: 'log-mel', n_mels: 64, stack: 5, normalization: 'none' },
      normalization: { offset: [-30.0677], scale: [0.113749] },
      outputs: { reconstruction: 'reconstruction', latent: 'latent', score: null },
    })
  })
})

describe('readForeignManifest', () => {
  it('says where a manifest is missing, and how to get one', () => {
    expect(() => readForeignManifest('/nowhere/pump.yaml')).toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING', remedy: expect.stringContaining('--manifest') }),
    )
  })

  it('names every mistake at once', () => {
    const file = write(
      'm.yaml',
      'front_end: { type: raw, sample_rate: 0 }\nloss: l2\noutputs: { score: s, latents: z }',
    )
    expect(() => readForeignManifest(file)).toThrow(/front_end\.sample_rate[\s\S]*outputs\.latents[\s\S]*loss/)
  })
})
