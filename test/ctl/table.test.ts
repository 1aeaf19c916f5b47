import { describe, expect, it } from 'vitest'
import { list, printable, table } from '../../src/ctl/table.ts'

const columns = [
  { title: 'ID' },
  { title: 'SOURCE', cut: 'start' },
  { title: 'N', align: 'right' },
  { title: 'NOTE', cut: 'end' },
] as const

describe('a table', () => {
  const rows = [
    ['e1', 'plant/hall-3/pump-1', '7', 'the belt was changed in the night'],
    ['e22', 'mic', '120', ''],
  ]

  it('is as wide as it is where there is no terminal', () => {
    expect(table(columns, rows)).toBe(
      [
        'ID   SOURCE                 N  NOTE',
        'e1   plant/hall-3/pump-1    7  the belt was changed in the night',
        'e22  mic                  120',
      ].join('\n'),
    )
  })

  it('gives way where it can, at the end that says less', () => {
    expect(table(columns, rows, 40)).toBe(
      ['ID   SOURCE            N  NOTE', 'e1   …hall-3/pump-1    7  the belt was …', 'e22  mic             120'].join(
        '\n',
      ),
    )
    for (let width = 30; width < 80; width++) {
      const longest = Math.max(
        ...table(columns, rows, width)
          .split('\n')
          .map(line => [...line].length),
      )
      expect(longest).toBeLessThanOrEqual(width)
    }
  })

  it('never loses the columns that must be whole', () => {
    expect(table(columns, rows, 5).split('\n')[2]).toBe('e22  mic       120')
  })

  it('counts wide and combining signs as a terminal does', () => {
    const [, first, second] = table(
      [{ title: 'A' }, { title: 'B' }],
      [
        ['泵🔥', 'x'],
        ['e\u0301', 'x'],
      ],
    ).split('\n')
    expect([first, second]).toEqual(['泵🔥  x', 'e\u0301     x'])
  })

  it('shows no control characters of others', () => {
    expect(table([{ title: 'A' }], [['\u001b[2Jgone\nnext \u202eabc']])).toBe('A\n�[2Jgone�next �abc')
  })
})

describe('a list', () => {
  it('leaves out what is not there, and sets lines of one value below each other', () => {
    expect(
      list([
        ['id', 'e1'],
        ['label', undefined],
        ['note', ''],
        ['like', 'a\nb'],
      ]),
    ).toBe('id    e1\nlike  a\n      b')
  })
})

describe('printable', () => {
  it('leaves text alone', () => {
    expect(printable('Größe ×2.3 – 泵 🔥')).toBe('Größe ×2.3 – 泵 🔥')
  })
})
