import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AuscultError, ERROR_CODES, type ErrorCode } from '../src/errors.ts'
import { PROJECT } from './helpers/requires.ts'

const page = readFileSync(join(PROJECT, 'docs/errors.md'), 'utf8')
const sections = [...page.matchAll(/^## (\w+)\n\nExit (\d)\. ([^#]+?)\n\n\*\*What to do:\*\* ([^#]+)/gm)].map(
  ([, code, exit, meaning, remedy]) => ({ code, exit: Number(exit), meaning, remedy }),
)

describe('ERROR_CODES', () => {
  it('are documented in docs/errors.md, in their order, and nothing else is', () => {
    expect(sections.map(({ code, exit }) => ({ code, exit }))).toEqual(
      Object.entries(ERROR_CODES).map(([code, { exit }]) => ({ code, exit })),
    )
    for (const { meaning, remedy } of sections) {
      expect(meaning).toMatch(/.{20,}\.$/s)
      expect(remedy).toMatch(/.{10,}\.\s*$/s)
    }
  })

  it('end a command with 1 or 2', () => {
    for (const { exit } of Object.values(ERROR_CODES)) expect([1, 2]).toContain(exit)
  })

  it('have texts of their own', () => {
    const texts = Object.values(ERROR_CODES).map(({ text }) => text)
    expect(new Set(texts).size).toBe(texts.length)
  })
})

describe('AuscultError', () => {
  it('prints place, message, code and remedy', () => {
    const error = new AuscultError('AUSCULT_INPUT_INVALID', 'the file is empty', {
      at: 'a.wav',
      remedy: 'Leave it out.',
    })
    expect(error.toString()).toBe('a.wav: the file is empty [AUSCULT_INPUT_INVALID]\n  → Leave it out.')
    expect(new AuscultError('AUSCULT_STORE', 'no space').toString()).toBe('no space [AUSCULT_STORE]')
  })

  it('keeps its cause, and has the exit code of its code', () => {
    const cause = new Error('ENOSPC')
    const error = new AuscultError('AUSCULT_STORE', 'no space', { cause })
    expect(error.cause).toBe(cause)
    expect(error.canRetry).toBe(false)
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect(new AuscultError(code, '').exitCode).toBe(ERROR_CODES[code].exit)
    }
  })
})
