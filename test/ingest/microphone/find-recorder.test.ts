import { chmodSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../../src/errors.ts'
import { findRecorder } from '../../../src/ingest/microphone/find-recorder.ts'
import { errorOf, temporaryFolder } from '../../helpers/temporary.ts'

const { folder, write } = temporaryFolder()

function program(path: string): string {
  chmodSync(write(path, '#!/bin/sh\n'), 0o755)
  return dirname(join(folder, path))
}

describe('findRecorder', () => {
  it('finds the one that is asked for, in any folder of PATH', () => {
    const path = ['/nowhere', program('a/arecord'), program('b/sox')].join(delimiter)
    expect(findRecorder('arecord', path)).toBe('arecord')
    expect(findRecorder('sox', path)).toBe('sox')
  })

  it('takes sox before rec before arecord', () => {
    expect(findRecorder('auto', program('c/arecord'))).toBe('arecord')
    expect(findRecorder('auto', program('c/rec'))).toBe('rec')
    expect(findRecorder('auto', program('c/sox'))).toBe('sox')
  })

  it('takes neither a folder nor what cannot be run', async () => {
    write('d/sox', 'text')
    write('e/sox/file', 'text')
    for (const path of [join(folder, 'd'), join(folder, 'e'), '', delimiter])
      expect(await errorOf(() => findRecorder('sox', path))).toBeInstanceOf(AuscultError)
  })

  it.each([
    ['sox', 'sox is not installed', 'apt install sox libsox-fmt-pulse'],
    ['rec', 'rec is not installed', 'brew install sox'],
    ['arecord', 'arecord is not installed', 'apt install alsa-utils'],
    ['auto', 'none of sox, rec and arecord is installed', 'apt install sox libsox-fmt-pulse'],
  ] as const)('names the package when %s is missing', async (name, message, remedy) => {
    const error = await errorOf(() => findRecorder(name, '/nowhere'))
    expect(error).toMatchObject({ code: 'AUSCULT_RECORDER_MISSING', message, canRetry: true })
    expect((error as AuscultError).remedy).toContain(remedy)
  })
})
