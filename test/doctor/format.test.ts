import { expect, it } from 'vitest'
import type { Section } from '../../src/doctor/check.ts'
import { formatSection, formatVerdict } from '../../src/doctor/format.ts'

const section: Section = {
  title: 'devices',
  checks: [
    {
      name: 'cuda',
      state: 'absent',
      text: 'there is no NVIDIA driver',
      remedy: 'Where there is an NVIDIA card: install its driver.',
    },
    { name: 'webgpu', state: 'failed', text: 'there is no\ngraphics \u001b[2Jcard' },
    { name: 'cpu', state: 'ok', text: 'works' },
  ],
}

it('is a line for each, with what mends it below', () => {
  expect(formatSection(section, { colors: false }).split('\n')).toEqual([
    'devices',
    '  – cuda    there is no NVIDIA driver',
    '            → Where there is an NVIDIA card: install its driver.',
    '  ✗ webgpu  there is no graphics �[2Jcard',
    '  ✓ cpu     works',
  ])
})

it('stays within the terminal', () => {
  const lines = formatSection(section, { colors: false, columns: 52 }).split('\n')
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(52)
  expect(lines.slice(2, 4)).toEqual([
    '            → Where there is an NVIDIA card:',
    '              install its driver.',
  ])
})

it('is coloured where it may be', () => {
  expect(formatSection(section, { colors: true })).toContain('\x1b[31m✗\x1b[0m webgpu')
})

it('ends with one line that says whether all is there', () => {
  const screen = { colors: false }
  expect(formatVerdict({ ok: true, config: 'run.yaml', sections: [] }, screen)).toBe(
    'All that run.yaml needs is there.',
  )
  expect(formatVerdict({ ok: false, config: 'run.yaml', sections: [section] }, screen)).toBe(
    'run.yaml lacks 1 thing: webgpu.',
  )
  expect(formatVerdict({ ok: true, config: null, sections: [] }, screen)).toBe(
    'All that `auscult run` with its defaults needs is there.',
  )
})
