import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { PROJECT } from '../../helpers/requires.ts'

/** What CUDA's libraries would find in the environment once a file of ours is loaded. */
function setting(file: string, env: NodeJS.ProcessEnv): string {
  const program = `await import('./src/${file}'); process.stdout.write(process.env.NVIDIA_TF32_OVERRIDE)`
  const { NVIDIA_TF32_OVERRIDE: _, ...rest } = process.env
  const options = { cwd: PROJECT, env: { ...rest, ...env }, encoding: 'utf8' } as const
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], options).stdout
}

it.each(['model/engines/onnx.ts', 'stream/scorer-slot.ts'])('float32 is float32 on NVIDIA cards: %s', file => {
  expect(setting(file, {})).toBe('0')
})

it('leaves the choice to the user', () => {
  expect(setting('model/engines/onnx.ts', { NVIDIA_TF32_OVERRIDE: '1' })).toBe('1')
})
