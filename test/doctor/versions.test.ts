import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkVersions, gigabytes } from '../../src/doctor/versions.ts'
import { PROJECT } from '../helpers/requires.ts'

const { version, engines, dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
const node = (running: string) => checkVersions(running).find(({ name }) => name === 'node')

it('tells the versions that run', () => {
  expect(checkVersions()).toMatchObject([
    { name: 'auscult', text: version },
    { name: 'node', state: 'ok', text: process.versions.node },
    { name: 'onnxruntime', text: dependencies['onnxruntime-node'] },
    { name: 'machine', text: expect.stringMatching(/^\w+ \w+, \d+ cores, [\d.]+ GB$/) },
  ])
})

it('fails on a Node that is older than package.json asks for', () => {
  const [, major, minor] = engines.node.match(/^>=(\d+)\.(\d+)$/)
  for (const running of [`${major}.${minor}.0`, `${major}.${Number(minor) + 1}.5`, `${Number(major) + 1}.0.0`]) {
    expect(node(running)?.state).toBe('ok')
  }
  for (const running of [`${major}.${minor - 1}.9`, `${major - 1}.99.0`]) {
    expect(node(running)).toMatchObject({ state: 'failed', remedy: expect.stringContaining(`${major}.${minor}`) })
  }
})

it('rounds sizes as people say them', () => {
  expect([2.04e9, 64e9].map(gigabytes)).toEqual(['2.0 GB', '64 GB'])
})
