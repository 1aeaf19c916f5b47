import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { isInContext, parseDockerfile } from '../helpers/dockerfile.ts'
import { PROJECT } from '../helpers/requires.ts'

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8')
const instructions = parseDockerfile(read('Dockerfile'))
const of = (name: string) => instructions.filter(each => each.name === name)
const manifest = JSON.parse(read('package.json'))

describe('Dockerfile', () => {
  it.each(['Dockerfile', 'dashboards/kubernetes/bundle.Dockerfile'])('%s is valid', path => {
    expect(validate(read(path))).toEqual([])
    expect(validate('FROM node\nRUNN x').length).toBeGreaterThan(0)
  })

  it('begins with one version of Node, that the package takes', () => {
    const stages = of('FROM').map(({ words: [base, , name] }) => ({ base, name }))
    const names = stages.map(({ name }) => name)
    const foreign = [...new Set(stages.map(({ base }) => base).filter(base => !names.includes(base)))]
    expect(names).toEqual(['build', 'dependencies', 'base', 'microphone', 'auscult'])
    expect(foreign).toHaveLength(1)
    const [, major] = /^node:(\d+)\.\d+\.\d+-[a-z]+-slim$/.exec(foreign[0])!
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(manifest.engines.node)![0]))
  })

  it('installs what the lock file says, without scripts', () => {
    const installs = of('RUN').filter(({ text }) => text.includes('npm '))
    expect(installs.map(({ text }) => /npm (run )?\S+( --omit=dev)?/.exec(text)![0])).toEqual([
      'npm ci',
      'npm run build',
      'npm ci --omit=dev',
    ])
    for (const { words } of of('COPY').filter(({ words }) => words.includes('package-lock.json'))) {
      expect(words).toContain('.npmrc')
    }
    expect(read('.npmrc')).toContain('ignore-scripts=true')
  })

  it('runs as a user of its own, behind an init, and stops as the daemon does', () => {
    expect(of('USER').at(-1)!.words).toEqual(['10001:10001'])
    expect(instructions.at(-1)!.name).toBe('USER')
    expect(of('RUN').find(({ text }) => text.includes('useradd'))!.text).toContain('--uid 10001')
    expect(of('ENTRYPOINT').map(({ words }) => words)).toEqual([['tini', '--', 'auscult']])
    expect(of('STOPSIGNAL').map(({ words }) => words)).toEqual([['SIGTERM']])
    expect(of('EXPOSE').map(({ words }) => words)).toEqual([['8080']])
  })

  it('has in its context what it copies, and no secret, state or installed package', () => {
    const ignore = read('.dockerignore')
    const isIn = (path: string) => isInContext(path, ignore)
    const copied = of('COPY').filter(({ flags }) => !flags.from)
    expect(copied.flatMap(({ words }) => words.slice(0, -1)).filter(path => !isIn(path))).toEqual([])
    const out = ['node_modules/zod/package.json', '.git/config', 'state/events.db', '.env', 'dashboards/.env']
    const more = [
      'dashboards/kubernetes/secrets.env',
      'test/docs.test.ts',
      'recordings/a.wav',
      'models/pump/model.onnx',
    ]
    expect([...out, ...more].filter(isIn)).toEqual([])
  })
})
