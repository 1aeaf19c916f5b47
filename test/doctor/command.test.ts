import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { CLI } from '../helpers/build.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { writeTinyBundle } from '../helpers/tiny-bundle.ts'

const { folder, write } = temporaryFolder()

/** The command as a user runs it. */
function doctor(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, 'doctor', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', data => (text.stdout += data))
  child.stderr.on('data', data => (text.stderr += data))
  return new Promise(resolve => child.on('close', code => resolve({ code, ...text })))
}

const config = (bundle: string) =>
  write('run.yaml', stringify({ bundle, sources: { old: { type: 'files', path: folder } }, http: { port: 0 } }))

it('ends with 0 where all is there, in words', async () => {
  const file = config(await writeTinyBundle(folder))
  const { code, stdout, stderr } = await doctor(file)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^versions\n {2}✓ auscult /)
  expect(stdout).toMatch(/✓ bundle {2}.* loads, and scores on \w+ as when it was trained/)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`All that ${file} needs is there.`)
})

it('ends with 1 where something is missing, as one object', async () => {
  const { code, stdout, stderr } = await doctor('--json', config('nowhere'))
  expect([code, stderr]).toEqual([1, ''])
  const { ok, sections } = JSON.parse(stdout)
  expect(ok).toBe(false)
  const [bundle] = sections.find(({ title }: { title: string }) => title === 'model').checks
  expect(bundle).toMatchObject({
    state: 'failed',
    text: expect.stringContaining('nowhere'),
    remedy: expect.any(String),
  })
})

it('ends with 2 where the configuration is wrong', async () => {
  const { code, stdout, stderr } = await doctor(write('wrong.yaml', 'bundel: x\nsources: {}\n'))
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/bundel: unknown option/)
})
