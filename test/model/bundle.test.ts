import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBundle, writeBundle } from '../../src/model/bundle.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tinyParts } from '../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
let count = 0
const write = async () => {
  const target = join(folder, `bundle${count++}`)
  await writeBundle(target, tinyParts())
  return target
}
const damaged = (at: string) => expect.objectContaining({ code: 'AUSCULT_BUNDLE', at })

describe('bundles', () => {
  it('are read as they were written', async () => {
    const parts = tinyParts()
    const bundle = await readBundle(await write())
    expect(bundle.manifest).toMatchObject(parts.manifest)
    expect(bundle.calibration).toEqual(parts.calibration)
    expect(Buffer.from(bundle.model).equals(parts.model)).toBe(true)
    expect([...bundle.golden.windows]).toEqual([...parts.golden.windows])
    expect([...bundle.golden.scores]).toEqual([...parts.golden.scores])
    expect(bundle.latents.length).toBe(4)
  })

  it('leave nothing else behind, and replace one that was there', async () => {
    const target = await write()
    await writeBundle(target, { ...tinyParts(), report: 'new' })
    expect(readFileSync(join(target, 'report.html'), 'utf8')).toBe('new')
    expect(readdirSync(folder).filter(name => name.startsWith('.'))).toEqual([])
  })

  for (const name of ['model.onnx', 'calibration.json', 'golden.bin', 'latents.bin', 'report.html']) {
    it(`are refused when a byte of ${name} has changed`, async () => {
      const target = await write()
      const at = join(target, name)
      const bytes = readFileSync(at)
      bytes[bytes.length >> 1] ^= 1
      writeFileSync(at, bytes)
      await expect(readBundle(target)).rejects.toThrow(damaged(at))
    })
  }

  it('are refused when a file is missing', async () => {
    const target = await write()
    rmSync(join(target, 'golden.bin'))
    await expect(readBundle(target)).rejects.toThrow(damaged(join(target, 'golden.bin')))
  })

  it('are refused when they are of another format', async () => {
    const target = await write()
    const at = join(target, 'manifest.json')
    writeFileSync(at, readFileSync(at, 'utf8').replace('"format": 1', '"format": 2'))
    await expect(readBundle(target)).rejects.toThrow(damaged(at))
  })

  it('are refused where there is none', async () => {
    const at = join(folder, 'nothing')
    await expect(readBundle(at)).rejects.toThrow(damaged(join(at, 'manifest.json')))
  })
})
