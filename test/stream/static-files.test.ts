import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readStatic } from '../../src/stream/static-files.ts'

let base: string
let root: string
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'auscult-static-'))
  root = join(base, 'live')
  mkdirSync(join(root, 'sub'), { recursive: true })
  writeFileSync(join(root, 'index.html'), 'page')
  writeFileSync(join(root, 'app.js'), 'code')
  writeFileSync(join(root, 'sub/style.css'), 'style')
  writeFileSync(join(root, 'secret.env'), 'x')
  writeFileSync(join(base, 'outside.js'), 'outside')
  mkdirSync(join(base, 'live-other'))
  writeFileSync(join(base, 'live-other/other.js'), 'other')
  symlinkSync(join(base, 'outside.js'), join(root, 'link.js'))
})
afterAll(() => rmSync(base, { recursive: true }))

describe('readStatic', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'page'],
    ['/index.html', 'text/html; charset=utf-8', 'page'],
    ['/app.js', 'text/javascript; charset=utf-8', 'code'],
    ['/sub/style.css', 'text/css; charset=utf-8', 'style'],
    ['/sub/../app.js', 'text/javascript; charset=utf-8', 'code'],
  ])('serves %s', async (path, type, text) => {
    const file = await readStatic(root, path)
    expect([file?.type, file?.body.toString()]).toEqual([type, text])
  })

  it.each([
    '/../outside.js',
    '/%2e%2e/outside.js',
    '/..%2foutside.js',
    '/sub/../../outside.js',
    '/../live-other/other.js',
    '/..\\outside.js',
    '/link.js',
    '/secret.env',
    '/sub',
    '/sub/',
    '/app.js%00',
    '/%E0%A4%A',
    '/absent.js',
  ])('gives nothing for %s', async path => {
    expect(await readStatic(root, path)).toBeUndefined()
  })
})
