import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuscultError } from '../../src/errors.ts'
import { type ListOptions, listFiles } from '../../src/ingest/files-glob.ts'
import { errorOf, temporaryFolder } from '../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const FILES = ['b.wav', 'a.WAV', 'B/c.npy', 'B/[x] (1)/d.wav', 'notes.md', '.hidden.wav', 'only-notes/e.md', 'log.dat']
for (const name of FILES) write(name, '')

const list = async (patterns: string | string[], options: ListOptions = {}) =>
  (await listFiles(patterns, { cwd: folder, ...options })).map(file => relative(folder, file))

describe('listFiles', () => {
  it('finds the files of a folder with a known extension, at every depth, sorted', async () => {
    expect(await list('.')).toEqual(['B/[x] (1)/d.wav', 'B/c.npy', 'a.WAV', 'b.wav'])
    expect(await list(folder)).toHaveLength(4)
  })

  it('finds all files of a folder when the format is declared', async () => {
    expect(await list('only-notes', { format: 'raw' })).toEqual(['only-notes/e.md'])
  })

  it('passes over tables beside recordings, and takes one kind of file where one is wanted', async () => {
    for (const name of ['mixed/a.flac', 'mixed/labels.csv', 'mixed/picture.png', 'tables/a.csv']) write(name, '')
    expect(await list('mixed')).toEqual(['mixed/a.flac', 'mixed/picture.png'])
    expect(await list('mixed', { sound: true })).toEqual(['mixed/a.flac'])
    expect(await list('mixed', { sound: false })).toEqual(['mixed/picture.png'])
    expect(await list('tables', { sound: true })).toEqual(['tables/a.csv'])
    expect(await list('mixed', { format: 'csv' })).toHaveLength(3)
  })

  it('takes files and globs, and lists a file once', async () => {
    expect(await list(['b.wav', '*.wav', 'log.dat'])).toEqual(['b.wav', 'log.dat'])
    expect(await list('**/*.{npy,wav}')).toEqual(['B/[x] (1)/d.wav', 'B/c.npy', 'b.wav'])
  })

  it('takes a path literally where it exists, whatever characters it has', async () => {
    expect(await list('B/[x] (1)')).toEqual(['B/[x] (1)/d.wav'])
    expect(await list('B/[x] (1)/d.wav')).toEqual(['B/[x] (1)/d.wav'])
  })

  it('takes absolute globs', async () => {
    expect(await list(`${folder}/*.wav`)).toEqual(['b.wav'])
  })

  it.each([
    ['nowhere', 'no such file or folder'],
    ['*.aiff', 'the pattern matches no file'],
    ['only-notes', 'no file with a known extension'],
  ])('names %s that gives nothing', async (pattern, message) => {
    const error = (await errorOf(() => list(['b.wav', pattern]))) as AuscultError
    expect(error).toBeInstanceOf(AuscultError)
    expect([error.code, error.at, error.exitCode]).toEqual(['AUSCULT_INPUT_MISSING', pattern, 2])
    expect(error.message).toContain(message)
    expect(error.remedy).toContain('.wav')
  })
})
