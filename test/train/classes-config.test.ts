import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config.ts'
import { classesSchema } from '../../src/train/classes-config.ts'

describe('classesSchema', () => {
  it('reads the column class of the label file unless it is told otherwise', () => {
    expect(classesSchema.parse({})).toEqual({ from: 'class', pattern: null, map: {}, weights: 'none' })
    const full = { from: 'name', pattern: '(\\d)_', map: { 7: 'seven', 8: null }, weights: { seven: 2 } }
    expect(classesSchema.parse(full)).toEqual(full)
  })

  it.each([
    [{ from: 'name' }, "pattern: from: name needs one, such as '([^/]+)_[^/]*$'"],
    [{ from: 'folder', pattern: 'x' }, 'pattern: is for from: name alone'],
    [{ from: 'name', pattern: '(' }, 'pattern: is no regular expression'],
    [{ weights: { a: 0 } }, 'weights.a: '],
    [{ weights: 'even' }, 'weights: is none, balanced, or a mapping of classes to weights above 0'],
    [{ map: { a: '' } }, 'map.a: '],
    [{ from: 'file' }, 'from: '],
  ])('refuses %j', (raw, message) => {
    expect(() => checkConfig(raw, classesSchema, 'classes')).toThrow(message)
  })
})
