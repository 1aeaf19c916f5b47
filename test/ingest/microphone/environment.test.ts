import { describe, expect, it } from 'vitest'
import { recorderEnvironment, withEnvironment } from '../../../src/ingest/microphone/environment.ts'

describe('recorderEnvironment', () => {
  it.each([
    ['alsa_input.usb-Mic.mono-fallback', 'pulseaudio'],
    ['alsa_output.pci.analog-stereo.monitor', 'pulseaudio'],
    ['machine.monitor', 'pulseaudio'],
    ['bluez_input.00_11', 'pulseaudio'],
    ['plughw:1,0', undefined],
    ['default', undefined],
  ])('finds the audio system of %s', (device, driver) => {
    const env = recorderEnvironment({ recorder: 'rec', device, driver: undefined }, {})
    expect([env.AUDIODEV, env.AUDIODRIVER]).toEqual([device, driver])
  })

  it('leaves the driver to the user, and adds to the options of sox', () => {
    const env = recorderEnvironment(
      { recorder: 'sox', device: 'x.monitor', driver: 'alsa' },
      { SOX_OPTS: '-V1', PULSE_LATENCY_MSEC: '10' },
    )
    expect(env).toEqual({
      AUDIODEV: 'x.monitor',
      AUDIODRIVER: 'alsa',
      SOX_OPTS: '-V1 --no-dither',
      PULSE_LATENCY_MSEC: '10',
    })
  })

  it('says nothing of sox to arecord', () => {
    expect(recorderEnvironment({ recorder: 'arecord', device: 'hw:0', driver: undefined }, {})).toEqual({
      PULSE_LATENCY_MSEC: '50',
    })
  })
})

describe('withEnvironment', () => {
  it('sets variables for the work and puts them back, also when it fails', () => {
    process.env.AUSCULT_TEST_A = 'before'
    const variables = { AUSCULT_TEST_A: 'during', AUSCULT_TEST_B: 'new' }
    const seen = () => [process.env.AUSCULT_TEST_A, process.env.AUSCULT_TEST_B]
    expect(withEnvironment(variables, seen)).toEqual(['during', 'new'])
    expect(seen()).toEqual(['before', undefined])
    const fail = () => {
      throw new Error('no')
    }
    expect(() => withEnvironment(variables, fail)).toThrow('no')
    expect(seen()).toEqual(['before', undefined])
    delete process.env.AUSCULT_TEST_A
  })
})
