import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { checkRecorders } from '../../src/doctor/recorders.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { write } = temporaryFolder()
const program = write('bin/arecord', '#!/bin/sh\n')
chmodSync(program, 0o755)
const path = dirname(program)
const states = (wanted: Parameters<typeof checkRecorders>[0], folders: string) =>
  checkRecorders(wanted, folders).map(({ name, state }) => `${name} ${state}`)

it('names the package of each that is not installed', () => {
  expect(checkRecorders([], path)).toMatchObject([
    { name: 'sox', state: 'absent', text: 'not installed', remedy: expect.stringContaining('apt install sox') },
    { name: 'rec', state: 'absent', text: 'not installed' },
    { name: 'arecord', state: 'ok', text: 'installed' },
  ])
})

it('fails where the one that is asked for is not installed', () => {
  expect(states(['rec'], path)).toEqual(['sox absent', 'rec failed', 'arecord ok'])
})

it('takes any of them for auto', () => {
  expect(states(['auto'], path)).toEqual(['sox absent', 'rec absent', 'arecord ok'])
  expect(states(['auto'], '/nowhere')).toEqual(['sox failed', 'rec failed', 'arecord failed'])
})
