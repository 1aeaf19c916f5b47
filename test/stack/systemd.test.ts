import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { applyEnvironment, checkConfig } from '../../src/config.ts'
import { daemonConfigSchema } from '../../src/daemon.ts'
import { AuscultError } from '../../src/errors.ts'
import { PROJECT, systemdAnalyze } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { write } = temporaryFolder()
const program = systemdAnalyze()
const place = join(PROJECT, 'dashboards/systemd')
const read = (name: string) => readFileSync(join(place, name), 'utf8')
const unit = read('auscult.service')
const config = checkConfig(parse(read('run.yaml')), daemonConfigSchema, 'run.yaml')
const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)![1]

describe('dashboards/systemd', () => {
  it('runs the file that the package has, with the configuration that lies beside it', () => {
    const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
    const [, script, command, file] = value('ExecStart').split(' ')
    expect(script).toBe(`/opt/auscult/node_modules/${manifest.name}/${manifest.bin.auscult}`)
    expect([command, file]).toEqual(['run', '/etc/auscult/run.yaml'])
    expect(value('WorkingDirectory')).toBe(`/var/lib/${value('StateDirectory')}`)
    expect(config.store.path).toMatch(new RegExp(`^/var/lib/${value('StateDirectory')}/`))
  })

  it('does not start again what its configuration ends', () => {
    expect(value('RestartPreventExitStatus')).toBe(String(new AuscultError('AUSCULT_CONFIG', 'x').exitCode))
    expect(value('Restart')).toBe('on-failure')
    expect(new AuscultError('AUSCULT_DEVICE', 'x').exitCode).toBe(1)
  })

  it('names variables that there are', () => {
    const names = read('secrets.env.example').match(/^[A-Z_]+(?==)/gm)!
    expect(names).toEqual(['AUSCULT_HTTP_TOKEN'])
    expect(applyEnvironment({}, daemonConfigSchema, { [names[0]]: 'x' })).toEqual({ http: { token: 'x' } })
  })

  describe.skipIf(!program)('systemd-analyze', () => {
    // Where Node lies is a matter of the machine.
    const file = write('auscult.service', unit.replace('ExecStart=/usr/bin/node', `ExecStart=${process.execPath}`))
    const analyze = (...args: string[]) => spawnSync(program!, args, { encoding: 'utf8' })

    it('finds nothing wrong', () => {
      const { status, stderr } = analyze('verify', file)
      expect(stderr).toBe('')
      expect(status).toBe(0)
      const wrong = write('wrong/auscult.service', unit.replace('Restart=on-failure', 'Restart=sometimes'))
      expect(analyze('verify', wrong).stderr).toContain('sometimes')
    })

    it('finds it exposed to little', () => {
      // In tenths: 2.0 at most, where 10 is a service without any protection.
      const { status, stdout } = analyze('security', '--offline=true', '--threshold=20', file)
      expect(status, stdout).toBe(0)
    })
  })
})
