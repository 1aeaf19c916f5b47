import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROJECT } from '../../helpers/requires.ts'

/** Loads the runtime by asking for a session of bytes that are no model. */
const LOAD = `import('onnxruntime-node').then(ort => ort.InferenceSession.create(new Uint8Array(4))).catch(() => {})`

describe('ONNX Runtime', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'auscult-privacy-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** What a program leaves in its temporary folder: reporting usage shows there. */
  function leftBehind(program: string): string[] {
    const { ORT_DISABLE_TELEMETRY: _, CI: __, GITHUB_ACTIONS: ___, ...rest } = process.env
    const env = { ...rest, TMPDIR: folder, NODE_OPTIONS: '', TSX_DISABLE_CACHE: '1' }
    const args = ['--import', 'tsx', '--input-type=module', '-e', program]
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: PROJECT, env, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    return readdirSync(folder).filter(name => !name.startsWith('tsx-'))
  }

  it('leaves no trace on the main thread', () => {
    expect(leftBehind(`await import('./src/model/engines/onnx.ts'); await ${LOAD}`)).toEqual([])
  })

  it('leaves none in a scoring thread either', () => {
    const worker = `new Worker(${JSON.stringify(LOAD)}, { eval: true })`
    const program = `import { Worker } from 'node:worker_threads'
      await import('./src/stream/scorer-slot.ts')
      await new Promise(resolve => ${worker}.on('exit', resolve))`
    expect(leftBehind(program)).toEqual([])
  })
})
