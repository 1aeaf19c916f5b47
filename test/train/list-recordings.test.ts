import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatPassedOver, listRecordings } from '../../src/train/list-recordings.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const names = ['a.wav', 'deep/b.WAV', 'notes.md', 'deep/more.md', 'LICENSE', 'labels.xyz', '.hidden.md']
for (const name of names) write(`mixed/${name}`, 'x')
const mixed = join(folder, 'mixed')

const list = async (paths: string[], changes: object = {}) => {
  const { files, passedOver } = await listRecordings(paths, { format: 'auto', ...changes })
  return { files: files.map(file => relative(mixed, file)), passedOver }
}

describe('listRecordings', () => {
  it('counts by extension what it does not take of a folder', async () => {
    const rest = { '.md': 2, '.xyz': 1, 'no extension': 1 }
    expect(await list([mixed])).toEqual({ files: ['a.wav', 'deep/b.WAV'], passedOver: rest })
  })

  it('counts each file once, and neither the label file nor what is named besides', async () => {
    const labels = join(mixed, 'labels.xyz')
    const { files, passedOver } = await list([mixed, join(mixed, 'deep'), join(mixed, 'LICENSE')], { labels })
    expect(files).toEqual(['LICENSE', 'a.wav', 'deep/b.WAV'])
    expect(passedOver).toEqual({ '.md': 2 })
  })

  it('takes all of a folder where the format is declared, but for the label file', async () => {
    const { files, passedOver } = await list([mixed], { format: 'raw', labels: join(mixed, 'labels.xyz') })
    expect(files).toEqual(['LICENSE', 'a.wav', 'deep/b.WAV', 'deep/more.md', 'notes.md'])
    expect(passedOver).toEqual({})
  })

  it('fails on a folder that is absent', async () => {
    await expect(list([join(folder, 'none')])).rejects.toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING' }),
    )
  })
})

describe('formatPassedOver', () => {
  it('is one line, most frequent first', () => {
    expect(formatPassedOver({ '.csv': 1, '.md': 2 })).toBe('3 files (2 .md, 1 .csv)')
    expect(formatPassedOver({ '.md': 1 })).toBe('1 file (1 .md)')
  })
})
