import { describe, expect, it } from 'vitest'
import { ErrorText } from '../../../src/ingest/microphone/error-text.ts'

const lineOf = (...pieces: string[]) => {
  const text = new ErrorText()
  for (const piece of pieces) text.push(Buffer.from(piece))
  return text.line
}

describe('ErrorText', () => {
  it('shows the line that speaks of an error, else the last', () => {
    const sox =
      "ALSA lib pcm.c:2666:(snd_pcm_open_noupdate) Unknown PCM x\nsox FAIL formats: can't open input  `x': snd_pcm_open error\n"
    expect(lineOf(sox)).toBe("sox FAIL formats: can't open input `x': snd_pcm_open error")
    expect(lineOf('arecord: main:831: audio open error: No such file\nAborted by signal\n')).toContain(
      'audio open error',
    )
    expect(lineOf('In:0.00%\rIn:1.00%\r\nbye')).toBe('bye')
    expect(lineOf('')).toBe('')
  })

  it('joins pieces, and keeps only the end of much text', () => {
    expect(lineOf('sox FA', 'IL: no\n')).toBe('sox FAIL: no')
    const long = lineOf('error: first\n', ...Array(2000).fill('noise\n'), `last ${'x'.repeat(1000)}`)
    expect(long).toMatch(/^last x+$/)
    expect(long.length).toBe(300)
  })
})
