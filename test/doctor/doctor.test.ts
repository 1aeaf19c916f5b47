import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { examine } from '../../src/doctor/doctor.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeTinyBundle } from '../helpers/tiny-bundle.ts'

const { folder, write } = temporaryFolder()

const config = async (changes: object = {}) =>
  write(
    'run.yaml',
    stringify({
      bundle: await writeTinyBundle(folder),
      sources: { old: { type: 'files', path: folder } },
      scorer: { device: 'cpu' },
      store: { path: join(folder, 'events.db'), max_mb: 1 },
      evidence: { max_mb: 1 },
      http: { port: 0, token: 'a-token-that-is-long-enough' },
      ...changes,
    }),
  )

it('finds all that a configuration needs, section by section', async () => {
  const shown: string[] = []
  const file = await config()
  const diagnosis = await examine(file, { onSection: ({ title }) => shown.push(title) })
  const failed = diagnosis.sections.flatMap(({ checks }) => checks.filter(({ state }) => state === 'failed'))
  expect(failed).toEqual([])
  expect(diagnosis).toMatchObject({ ok: true, config: file })
  expect(shown).toEqual([
    ...['versions', 'devices of the engine onnx', 'backends of the engine tfjs', 'recorders'],
    ...['model', 'store', 'ports', 'kafka'],
  ])
  expect(JSON.stringify(diagnosis)).not.toContain('a-token')
})

it('finds each gap, and loads the model though its device is not there', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const file = await config({
    scorer: { device: 'webgpu' },
    sources: { hall: { type: 'microphone' } },
    http: { port },
  })
  // No driver of Vulkan is named, and there is none of this name.
  const { VK_ICD_FILENAMES: before } = process.env
  process.env.VK_ICD_FILENAMES = '/nowhere/none.json'
  const { ok, sections } = await examine(file, { env: { PATH: '/nowhere' } })
  if (before === undefined) delete process.env.VK_ICD_FILENAMES
  else process.env.VK_ICD_FILENAMES = before
  server.close()
  const failed = sections.flatMap(({ checks }) =>
    checks.filter(({ state }) => state === 'failed').map(({ name }) => name),
  )
  expect(ok).toBe(false)
  expect(failed.filter(name => name !== 'webgpu')).toEqual(['sox', 'rec', 'arecord', 'http'])
  // Elsewhere graphics need no Vulkan.
  if (process.platform === 'linux') expect(failed).toContain('webgpu')
  const model = sections.find(({ title }) => title === 'model')?.checks[0]
  expect(model).toMatchObject({ state: 'ok' })
})

it('tells a wrong configuration as other commands do', async () => {
  await expect(examine(await config({ nonsense: 1 }))).rejects.toThrow(
    expect.objectContaining({ code: 'AUSCULT_CONFIG' }),
  )
})
