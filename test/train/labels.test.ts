import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKnown, readLabels } from '../../src/train/labels.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labels-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const read = (text: string, recordings: string[]) => {
  const file = join(folder, 'labels.csv')
  writeFileSync(file, text)
  return [...readLabels(file, recordings)]
}
const failure = (text: string, recordings: string[]) => {
  try {
    read(text, recordings)
  } catch (error) {
    return error as { code: string; message: string; at: string }
  }
  throw new Error('no error')
}

describe('readLabels', () => {
  it('takes numbers and words, with and without a header, quoted or not', () => {
    const recordings = ['/r/a.wav', '/r/b.wav', '/r/c, d.wav', '/r/e.wav']
    const rows = 'a.wav,1\n"b.wav" , -1\r\n\n"c, d.wav",Anomaly\ne.wav,normal\n'
    const expected = [
      ['/r/a.wav', 1],
      ['/r/b.wav', -1],
      ['/r/c, d.wav', -1],
      ['/r/e.wav', 1],
    ]
    expect(read(rows, recordings)).toEqual(expected)
    expect(read(`\uFEFFfile,label\n${rows}`, recordings)).toEqual(expected)
  })

  it('finds a recording beside the label file before one of the same name elsewhere', () => {
    const near = join(folder, 'x.wav')
    expect(read('x.wav,-1', ['/far/x.wav', near])).toEqual([[near, -1]])
  })

  it('asks for a longer path when a name fits several recordings', () => {
    expect(failure('x.wav,1', ['/a/x.wav', '/b/x.wav'])).toMatchObject({ code: 'AUSCULT_LABELS' })
    expect(read('b/x.wav,1', ['/a/x.wav', '/b/x.wav'])).toEqual([['/b/x.wav', 1]])
  })

  it('lists every absent recording', () => {
    const error = failure('a.wav,1\ny.wav,1\nz.wav,-1', ['/r/a.wav'])
    expect(error.code).toBe('AUSCULT_LABELS')
    expect(error.message).toBe('names 2 recordings that are absent: y.wav, z.wav')
    expect(failure('a.wav,1\nz.wav,-1', ['/r/a.wav']).message).toBe('names 1 recording that is absent: z.wav')
    expect(error.at).toBe(join(folder, 'labels.csv'))
  })

  it.each(['a.wav,2', 'a.wav', ',1', 'a.wav,1\na.wav,-1', '', 'file,label\n'])('refuses %j', text => {
    expect(failure(text, ['/r/a.wav']).code).toBe('AUSCULT_LABELS')
  })

  it('says that the file is absent', () => {
    expect(() => readLabels(join(folder, 'none.csv'), [])).toThrow(
      expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING' }),
    )
  })
})

describe('readKnown', () => {
  const known = (text: string, recordings: string[]) => {
    const file = join(folder, 'classes.csv')
    writeFileSync(file, text)
    return Object.fromEntries(readKnown(file, recordings))
  }
  const recordings = ['/r/a.wav', '/r/b.wav', '/r/c.wav']

  it('takes any word for a class, in the third column or the one of that name, and the label may be empty', () => {
    const expected = {
      '/r/a.wav': { label: 1, class: 'belt, new', machine: null },
      '/r/b.wav': { label: null, class: '7', machine: null },
      '/r/c.wav': { label: -1, class: null, machine: null },
    }
    expect(known('a.wav,1,"belt, new"\nb.wav,,7\nc.wav,-1,\n', recordings)).toEqual(expected)
    expect(known('file,label,class\na.wav,1,"belt, new"\nb.wav,,7\nc.wav,-1\n', recordings)).toEqual(expected)
    const far = 'file,Label,note,Class\na.wav,1,x,"belt, new"\nb.wav,,y,7\nc.wav,-1\n'
    expect(known(far, recordings)).toEqual(expected)
    const plain = { label: 1, class: null, machine: null }
    expect(known('file,label,note\na.wav,1,x\n', recordings)).toEqual({ '/r/a.wav': plain })
    const ofMachine = { '/r/a.wav': { ...plain, machine: 'pump 2' }, '/r/b.wav': plain }
    expect(known('file,label,machine\na.wav,1,pump 2\nb.wav,1,\n', recordings)).toEqual(ofMachine)
    expect(read('a.wav,1,x\nb.wav,,7\n', recordings)).toEqual([['/r/a.wav', 1]])
  })

  it.each([
    ['a word in the place of the label', 'a.wav,1,x\nb.wav,squeal,x\n', 2],
    ['neither label nor class', 'file,label,class\na.wav,,\n', 2],
    ['two classes for one recording', 'a.wav,1,x\na.wav,1,y\n', 2],
    ['two machines for one recording', 'file,label,machine\na.wav,1,x\na.wav,1,y\n', 3],
    ['no name', ',1,x\n', 1],
  ])('refuses %s with its line', (_, text, line) => {
    expect(failure(text, recordings)).toMatchObject({
      code: 'AUSCULT_LABELS',
      at: `${join(folder, 'labels.csv')}:${line}`,
      remedy: expect.any(String),
    })
  })
})
