import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assignClasses, classNames, classWeights } from '../../src/train/classes.ts'
import { classesSchema } from '../../src/train/classes-config.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { write } = temporaryFolder()
const assign = (raw: object, files: readonly string[], labels: string | null = null) => {
  const { classes, leftOut } = assignClasses(classesSchema.parse(raw), files, labels)
  return { classes: Object.fromEntries(classes), leftOut }
}
const DIGITS = ['/r/0_george_1.wav', '/r/7_george_0.wav', '/r/7_george_12.wav']

describe('assignClasses', () => {
  it('takes classes and machines from the label file', () => {
    const labels = write('labels.csv', 'file,label,class,machine\na.wav,1,belt,pump 1\nb.wav,,seal,pump 2\n')
    const files = ['/r/a.wav', '/r/b.wav']
    expect(assign({}, files, labels).classes).toEqual({ '/r/a.wav': 'belt', '/r/b.wav': 'seal' })
    expect(assign({ from: 'machine' }, files, labels).classes).toEqual({ '/r/a.wav': 'pump 1', '/r/b.wav': 'pump 2' })
  })

  it('takes them from the folder, or from the path: the first group, or all that the pattern matches', () => {
    expect(assign({ from: 'folder' }, ['/r/x/a.wav', '/r/y/z/a.wav']).classes).toEqual({
      '/r/x/a.wav': 'x',
      '/r/y/z/a.wav': 'z',
    })
    for (const pattern of ['^.*/(\\d)_', '\\d(?=_)']) {
      const { classes } = assign({ from: 'name', pattern }, DIGITS)
      expect(DIGITS.map(path => classes[path])).toEqual(['0', '7', '7'])
    }
  })

  it('maps them, several to one, and leaves out what is mapped to null', () => {
    const files = ['/r/a/1.wav', '/r/b/1.wav', '/r/c/1.wav', '/r/toString/1.wav']
    expect(assign({ from: 'folder', map: { a: 'ab', b: 'ab', c: null } }, files)).toEqual({
      classes: { '/r/a/1.wav': 'ab', '/r/b/1.wav': 'ab', '/r/toString/1.wav': 'toString' },
      leftOut: [{ path: '/r/c/1.wav', reason: 'of class c, which classes.map leaves out' }],
    })
  })

  it('says what there is when the map names what is not', () => {
    expect(() => assign({ from: 'folder', map: { a: 'x', d: 'x' } }, ['/r/a/1.wav', '/r/b/1.wav'])).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        at: 'classes.map',
        message: 'there is no class "d"; there are a, b',
      }),
    )
  })

  it('names recordings without a class', () => {
    const files = Array.from({ length: 9 }, (_, i) => `/r/x${i}.wav`)
    const failing = () => assign({ from: 'name', pattern: '(\\d)_' }, [...DIGITS, ...files])
    expect(failing).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_LABELS',
        at: 'classes.pattern',
        message: expect.stringMatching(/^9 of 12 recordings have no class by the pattern \(\\d\)_:\n {2}\/r\/x0\.wav/),
        remedy: expect.stringContaining('classes.pattern'),
      }),
    )
    expect(failing).toThrow('and 4 more')
    const labels = write('part.csv', 'a.wav,1,belt\n')
    expect(() => assign({}, ['/r/a.wav', '/r/b.wav'], labels)).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_LABELS',
        at: labels,
        message: '1 of 2 recordings has no class:\n  /r/b.wav',
      }),
    )
  })

  it.each(['class', 'machine'])('asks for a label file to take the %s from', from => {
    expect(() => assign({ from }, DIGITS)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_CONFIG', at: 'input.labels', remedy: expect.stringContaining(from) }),
    )
  })
})

describe('classNames', () => {
  const names = (classes: readonly string[]) => {
    const paths = classes.map((_, i) => `${i}`)
    return classNames(new Map(paths.map((path, i) => [path, classes[i]])), paths)
  }

  it('sorts them, numbers by their value', () => {
    expect(names(['10', '9', 'b', '10', '9', 'a', 'b', 'a'])).toEqual(['9', '10', 'a', 'b'])
    expect(names(['1', '01', '1', '01'])).toEqual(names(['01', '1', '01', '1']))
  })

  it.each([
    [['a', 'a', 'a'], 'every recording is of class a: there are no classes to tell apart'],
    [[], 'no recording is left: there are no classes to tell apart'],
    [['a', 'a', 'b', 'c'], 'a single recording is of class "b", "c"'],
  ])('refuses %j', (classes, message) => {
    expect(() => names(classes)).toThrow(
      expect.objectContaining({ code: 'AUSCULT_TRAINING', at: 'classes', message, remedy: expect.any(String) }),
    )
  })
})

describe('classWeights', () => {
  it("balances as scikit-learn's compute_class_weight", () => {
    const { cases } = JSON.parse(readFileSync(new URL('../fixtures/classes/golden.json', import.meta.url), 'utf8'))
    expect(cases.length).toBeGreaterThan(3)
    for (const { windows, weights } of cases) {
      const names = windows.map(String)
      for (const [i, weight] of classWeights({ weights: 'balanced' }, names, windows).entries()) {
        expect(weight).toBeCloseTo(weights[i], 12)
      }
    }
  })

  it('takes those that are given, and 1 for the rest', () => {
    expect(classWeights({ weights: 'none' }, ['a', 'b'], [3, 1])).toEqual([1, 1])
    expect(classWeights({ weights: { b: 5 } }, ['a', 'b', 'toString'], [3, 1, 2])).toEqual([1, 5, 1])
    expect(() => classWeights({ weights: { c: 5 } }, ['a', 'b'], [3, 1])).toThrow(
      expect.objectContaining({
        code: 'AUSCULT_CONFIG',
        at: 'classes.weights',
        message: 'there is no class "c"; there are a, b',
      }),
    )
  })
})
