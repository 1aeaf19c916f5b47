import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'

const { folder, write } = temporaryFolder()

describe('tsconfig.json', () => {
  it('has npm run check see what the declarations of the build would say', () => {
    const compilerOptions = { types: [] }
    const config = { extends: join(PROJECT, 'tsconfig.json'), compilerOptions, include: ['a.mts'] }
    write('tsconfig.json', JSON.stringify(config))
    write('a.mts', 'export const make = () =>\n  new (class {\n    protected secret = 1\n  })()\n')
    const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '--project', folder], { encoding: 'utf8' })
    expect(stdout).toContain('TS4094')
  })
})
