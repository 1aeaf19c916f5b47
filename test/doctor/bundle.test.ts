import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkBundle } from '../../src/doctor/bundle.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeTinyBundle } from '../helpers/tiny-bundle.ts'

const { folder } = temporaryFolder()
const engine = { device: 'cpu', threads: 1 } as const

it('loads the model and scores with it', async () => {
  const bundle = await writeTinyBundle(folder)
  const text = `${bundle} loads, and scores on cpu as when it was trained`
  expect(await checkBundle({ model: { bundle }, engine })).toEqual([{ name: 'bundle', state: 'ok', text }])
})

it('says what is wrong with it', async () => {
  const bundle = await writeTinyBundle(folder)
  writeFileSync(join(bundle, 'model.onnx'), 'nothing')
  const [check] = await checkBundle({ model: { bundle }, engine })
  expect(check).toMatchObject({ state: 'failed', remedy: expect.any(String) })
  expect(check.text).toContain('model.onnx')
  const [absent] = await checkBundle({ model: { bundle: join(folder, 'nowhere') }, engine })
  expect(absent).toMatchObject({ state: 'failed', text: expect.stringContaining('nowhere') })
})

it('needs none without a configuration', async () => {
  expect(await checkBundle({ engine })).toMatchObject([{ state: 'absent' }])
})
