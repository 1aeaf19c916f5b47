import { describe, expect, it } from 'vitest'
import { ErrorText } from '../../../src/ingest/microphone/error-text.ts'

const lineOf = (...pieces: string[]) => {
  const text = new ErrorText()
  for (const piece of pieces) text.push(Buffer.from(piece))
  return text.line
}

describe('ErrorText', () => {
  it('shows the lines that speak of an error, two at most, else the last', () => {
    const sox =
      "In:0.00%\nALSA lib pcm.c:2666:(snd_pcm_open_noupdate) Unknown PCM x\nsox FAIL formats: can't open input  `x': snd_pcm_open error\n"
    expect(lineOf(sox)).toBe(
      "ALSA lib pcm.c:2666:(snd_pcm_open_noupdate) Unknown PCM x; sox FAIL formats: can't open input `x': snd_pcm_open error",
    )
    const arecord =
      'PulseAudio: Unable to create stream\n\narecord: Unable to install hw params:\nRATE: 16000\nTICK_TIME: [0 0]\n'
    expect(lineOf(arecord)).toBe('PulseAudio: Unable to create stream; arecord: Unable to install hw params:')
    expect(lineOf('error 1\nerror 2\nerror 3\nTick\n')).toBe('error 2; error 3')
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
