import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { microphoneSourceSchema } from '../../../src/ingest/microphone/config.ts'
import { MicrophoneSource } from '../../../src/ingest/microphone/microphone.ts'
import type { Delivery, Window } from '../../../src/types.ts'
import { FakeRecorder, fakeSample, isRunning } from '../../helpers/fake-recorder.ts'
import { Reports } from '../../helpers/reports.ts'
import { PROJECT } from '../../helpers/requires.ts'
import { until } from '../../helpers/until.ts'

const RATE = 8000
const SIZE = 400
const HOP = 200
/** Restarts so soon that tests are quick. */
const SOON = { first_seconds: 0.02, last_seconds: 0.05, limit: 1000 }

let recorder: FakeRecorder
const controllers: AbortController[] = []
const runs: Promise<unknown>[] = []

beforeEach(() => {
  recorder = new FakeRecorder()
})

afterEach(async () => {
  for (const controller of controllers.splice(0)) controller.abort()
  await Promise.all(runs.splice(0))
  const left = recorder.starts.filter(({ pid }) => isRunning(pid))
  recorder.remove()
  expect(left).toEqual([])
})

function microphone(options: object = {}, name = 'mic') {
  const config = microphoneSourceSchema.parse({ type: 'microphone', restart: SOON, ...options })
  return new MicrophoneSource(name, config, { shape: [SIZE], sampleRate: RATE, hop: HOP }, systemClock)
}

/** Pulls windows as they come. */
function listen(source: MicrophoneSource) {
  const controller = new AbortController()
  const reports = new Reports()
  const windows: Window[] = []
  const run = (async () => {
    for await (const { window, ack } of source.deliveries(controller.signal, reports)) {
      windows.push(window)
      ack()
    }
  })()
  controllers.push(controller)
  runs.push(run)
  return { controller, reports, windows, run }
}

const downs = ({ changes }: Reports) => changes.filter(change => change[1] === 'down').map(change => change[2])

describe('MicrophoneSource', () => {
  it('cuts what the recorder gives into windows with capture times', async () => {
    recorder.install('sox', { rate: RATE })
    const from = Date.now()
    const { windows, reports } = listen(microphone())
    await until(() => windows.length >= 10)
    for (const [i, window] of windows.entries()) {
      expect(window).toMatchObject({ source: 'mic', index: i, offset: i * HOP, shape: [SIZE] })
      expect(window.id).toBe(`mic/${window.stream}/${i * HOP}`)
      expect([...window.data]).toEqual(Array.from({ length: SIZE }, (_, k) => fakeSample(i * HOP + k) / 32768))
    }
    const { stream, time, offset } = windows[9]
    expect(Date.parse(stream)).toBeGreaterThanOrEqual(from)
    expect(new Date(stream).toISOString()).toBe(stream)
    expect(time - windows[8].time).toBeCloseTo((1000 * HOP) / RATE, 3)
    const age = Date.now() - (time + (1000 * SIZE) / RATE)
    expect(age).toBeGreaterThan(-20)
    expect(age).toBeLessThan(1500)
    expect(offset).toBe(9 * HOP)
    expect(reports.changes).toEqual([])
    expect(reports.gaps).toEqual([])
    expect(reports.restarts).toEqual([])
  })

  it.each([
    ['sox', { device: 'plughw:1,0', sample_rate: 16_000, channels: 2 }],
    ['rec', { device: 'alsa_input.usb.mono', driver: 'pulse' }],
    ['arecord', { device: 'hw:2' }],
  ] as const)('starts %s with the device, rate and channels, and never on silence', async (name, options) => {
    recorder.install(name, { rate: RATE })
    listen(microphone({ recorder: name, ...options }))
    await until(() => recorder.starts.length > 0)
    const [{ args, env }] = recorder.starts
    const text = args.join(' ')
    expect(text).toContain('sample_rate' in options ? '16000' : String(RATE))
    expect(text).toMatch('channels' in options ? /(-c|--channels) 2/ : /(-c|--channels) 1/)
    expect(text).not.toContain('silence')
    if (name === 'arecord') {
      expect(text).toContain('-D hw:2')
      expect(text).toContain('-t raw -f S16_LE')
    } else {
      expect(env.AUDIODEV).toBe(options.device)
      expect(env.AUDIODRIVER).toBe('driver' in options ? options.driver : undefined)
      expect(env.SOX_OPTS).toContain('--no-dither')
      expect(text).toContain('raw -')
    }
  })

  it('takes samples that chunks split, and a channel of several', async () => {
    recorder.install('sox', { bytes: 4 * SIZE - 1, after: 0 }, { bytes: 1 })
    const { windows } = listen(microphone({ channels: 2, channel: 2, stall_seconds: 60 }))
    // The last frame is one byte short.
    recorder.live({ bytes: 4 * SIZE + 3 })
    await until(() => windows.length === 1)
    expect([...windows[0].data.slice(0, 3)]).toEqual([2, 4, 6].map(x => x / 32768))
  })

  it('resamples where the recorder gives another rate', async () => {
    recorder.install('sox', { rate: 16_000 })
    const { windows } = listen(microphone({ sample_rate: 16_000 }))
    await until(() => windows.length >= 4)
    // A ramp of 1 a sample becomes one of 2.
    const [a, b] = windows[3].data.slice(100, 102)
    expect((b - a) * 32768).toBeCloseTo(2, 0)
  })

  it('starts a recorder that exits again: a gap, a restart, a new stream, and down between', async () => {
    recorder.install(
      'sox',
      { rate: RATE, after: 300, code: 2, stderr: "sox FAIL formats: can't open `x'\n" },
      { rate: RATE },
    )
    const { windows, reports } = listen(microphone())
    await until(() => new Set(windows.map(({ stream }) => stream)).size === 2)
    const [first, second] = [...new Set(windows.map(({ stream }) => stream))]
    expect(windows.find(({ stream }) => stream === second)?.offset).toBe(0)
    expect(windows.map(({ index }) => index)).toEqual(windows.map((_, i) => i))
    expect(downs(reports)).toEqual(["sox ended with code 2: sox FAIL formats: can't open `x'", undefined])
    expect(reports.restarts).toEqual(['mic'])
    expect(reports.gaps).toEqual([['mic', `${second}/0`]])
    expect(Date.parse(second)).toBeGreaterThan(Date.parse(first))
    const times = windows.map(({ time }) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('survives kill -9 of the recorder', async () => {
    recorder.install('sox', { rate: RATE })
    const { windows, reports } = listen(microphone())
    for (let kills = 0; kills < 3; kills++) {
      const before = windows.length
      await until(() => windows.length > before + 3 && recorder.starts.length === kills + 1)
      process.kill(recorder.starts[kills].pid, 'SIGKILL')
      await until(() => reports.conditions.get('down') === 'sox was killed by SIGKILL')
      await until(() => !reports.conditions.has('down'))
    }
    expect(reports.restarts).toHaveLength(3)
    expect(reports.gaps).toHaveLength(3)
  })

  it('ends a recorder that stalls, even a stubborn one, and starts it again', async () => {
    recorder.install('sox', { rate: RATE, after: 200, stubborn: true }, { rate: RATE })
    const { windows, reports } = listen(microphone({ stall_seconds: 0.5 }))
    await until(() => windows.some(({ stream }) => stream !== windows[0].stream))
    expect(downs(reports)).toEqual(['sox gave no sound for 0.5 s', undefined])
    expect(isRunning(recorder.starts[0].pid)).toBe(false)
  })

  it('does not take its own business for a stall', async () => {
    recorder.install('sox', { rate: RATE })
    const { windows, reports } = listen(microphone({ stall_seconds: 0.5 }))
    await until(() => windows.length > 2)
    const before = windows.length
    for (const end = performance.now() + 1200; performance.now() < end; );
    await until(() => windows.length > before + 100)
    expect(reports.changes).toEqual([])
    expect(reports.restarts).toEqual([])
  })

  it('is down with what to install while there is no recorder, and comes up once there is one', async () => {
    const { windows, reports } = listen(microphone())
    await until(() => reports.conditions.has('down'))
    const message = reports.conditions.get('down')
    expect(message).toContain('none of sox, rec and arecord is installed [AUSCULT_RECORDER_MISSING]')
    expect(message).toContain('apt install sox libsox-fmt-pulse')
    recorder.install('rec', { rate: RATE })
    await until(() => windows.length > 0)
    expect(reports.conditions.has('down')).toBe(false)
    expect(reports.restarts).toEqual([])
    expect(reports.gaps).toEqual([])
  })

  it('names a recorder that cannot be run', async () => {
    recorder.install('sox', {})
    const { reports } = listen(microphone())
    writeFileSync(`${recorder.folder}/arecord`, '#!/nowhere/sh\n')
    chmodSync(`${recorder.folder}/arecord`, 0o755)
    const broken = listen(microphone({ recorder: 'arecord' }, 'other'))
    await until(() => broken.reports.conditions.has('down'))
    expect(broken.reports.conditions.get('down')).toContain('arecord cannot be started: spawn arecord ENOENT')
    expect(reports.conditions.has('down')).toBe(false)
  })

  it('pauses in a storm of failures, and says so', async () => {
    recorder.install('sox', { code: 1, stderr: 'no such device\n' })
    const restart = { first_seconds: 0.01, last_seconds: 0.01, limit: 3, within_seconds: 60, pause_seconds: 30 }
    const { reports } = listen(microphone({ restart }))
    await until(() => reports.conditions.get('down')?.includes('more than 3 failures in 60 s'))
    expect(reports.conditions.get('down')).toMatch(
      /^sox ended with code 1: no such device; .* next try is in (1[5-9]|2\d|30) s$/,
    )
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(recorder.starts).toHaveLength(4)
    expect(reports.restarts).toHaveLength(3)
  })

  it.each([
    // The counter is sound of some level; above a higher one it is silence.
    [
      'silence',
      { rate: RATE },
      { silence: { below_dbfs: -5, seconds: 0.3 } },
      /^nothing above -5 dBFS for 0\.3 s: now -/,
    ],
    [
      'flat_line',
      { rate: RATE, wave: 'constant' },
      { flat_line: { seconds: 0.3 } },
      /^every sample is 0\.03052 for 0\.3 s$/,
    ],
    ['clipping', { rate: RATE, wave: 'square' }, { clipping: { seconds: 0.5 } }, /^\d+\.\d % of the samples of 0\.5 s/],
    [
      'wrong_rate',
      { rate: 2 * RATE },
      { wrong_rate: { seconds: 3 } },
      /^1[56]\d{3} samples arrive a second instead of 8000/,
    ],
  ] as const)('tells of %s', async (condition, life, options, message) => {
    recorder.install('sox', life)
    const { reports, windows } = listen(microphone(options))
    await until(() => reports.conditions.has(condition))
    expect(reports.conditions.get(condition)).toMatch(message)
    // Windows go on all the same.
    const before = windows.length
    await until(() => windows.length > before)
    expect([...reports.conditions.keys()]).toEqual([condition])
  })

  it('keeps a bounded number of windows for a consumer that does not come, and counts the rest', async () => {
    recorder.install('sox', { bytes: 2 * RATE * 60, after: 0 })
    const source = microphone({ stall_seconds: 60 })
    const controller = new AbortController()
    controllers.push(controller)
    const reports = new Reports()
    const iterator = source.deliveries(controller.signal, reports)[Symbol.asyncIterator]()
    const first = await iterator.next()
    // 60 s in windows every 25 ms, of which 10 s are kept: 400; the first was taken.
    await until(() => reports.failures.length >= 60 * 40 - 400 - 5)
    const dropped = reports.failures.length
    expect(new Set(reports.failures.map(({ reason }) => reason))).toEqual(new Set(['overflow']))
    controller.abort()
    const rest: Delivery[] = []
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) rest.push(next.value)
    expect(rest).toHaveLength(400)
    const total = Math.floor((60 * RATE - SIZE) / HOP) + 1
    expect((first.done ? 0 : 1) + rest.length + dropped).toBe(total)
    expect(rest.at(-1)?.window.offset).toBe((total - 1) * HOP)
  })

  it('runs side by side with another', async () => {
    recorder.install('sox', { rate: RATE })
    recorder.install('arecord', { rate: RATE })
    const both = [listen(microphone({ recorder: 'sox' }, 'a')), listen(microphone({ recorder: 'arecord' }, 'b'))]
    await until(() => both.every(({ windows }) => windows.length > 5))
    expect(both.map(({ windows }) => windows[0].source)).toEqual(['a', 'b'])
    expect(new Set(recorder.starts.map(({ pid }) => pid)).size).toBe(2)
  })

  it('leaves no recorder behind when it is stopped, not even a stubborn one', async () => {
    recorder.install('sox', { rate: RATE, stubborn: true })
    const { windows, controller, run } = listen(microphone())
    await until(() => windows.length > 0)
    controller.abort()
    await run
    expect(isRunning(recorder.starts[0].pid)).toBe(false)
  })

  it('says nothing of a recorder that Ctrl-C ended along with it', async () => {
    recorder.install('sox', { rate: RATE })
    const { windows, reports, controller, run } = listen(microphone())
    await until(() => windows.length > 0)
    process.kill(recorder.starts[0].pid, 'SIGINT')
    await new Promise(resolve => setTimeout(resolve, 30))
    controller.abort()
    await run
    expect(reports.changes).toEqual([])
    expect(recorder.starts).toHaveLength(1)
  })

  it('leaves none behind when its consumer goes away', async () => {
    recorder.install('sox', { rate: RATE })
    const controller = new AbortController()
    for await (const { window } of microphone().deliveries(controller.signal, new Reports())) {
      if (window.index === 2) break
    }
    expect(isRunning(recorder.starts[0].pid)).toBe(false)
  })

  it('stops at once while it waits', async () => {
    const { reports, controller, run } = listen(microphone())
    await until(() => reports.conditions.has('down'))
    const from = performance.now()
    controller.abort()
    await run
    expect(performance.now() - from).toBeLessThan(200)
  })

  it('takes its recorder with it when its process is killed', async () => {
    recorder.install('sox', { rate: RATE })
    const script = `
      import { systemClock } from '${PROJECT}src/clock.ts'
      import { microphoneSourceSchema } from '${PROJECT}src/ingest/microphone/config.ts'
      import { MicrophoneSource } from '${PROJECT}src/ingest/microphone/microphone.ts'
      const config = microphoneSourceSchema.parse({ type: 'microphone' })
      const source = new MicrophoneSource('mic', config, { shape: [400], sampleRate: 8000, hop: 400 }, systemClock)
      const reports = { condition() {}, failed() {}, gap() {}, restarted() {} }
      for await (const { window } of source.deliveries(new AbortController().signal, reports)) console.log(window.id)`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const [{ pid }] = recorder.starts
    expect(isRunning(pid)).toBe(true)
    child.kill('SIGKILL')
    await until(() => !isRunning(pid))
  })

  it('survives a limit of open files', async () => {
    recorder.install('sox', { rate: RATE })
    const script = `
      import { openSync } from 'node:fs'
      import { systemClock } from '${PROJECT}src/clock.ts'
      import { microphoneSourceSchema } from '${PROJECT}src/ingest/microphone/config.ts'
      import { MicrophoneSource } from '${PROJECT}src/ingest/microphone/microphone.ts'
      const config = microphoneSourceSchema.parse({ type: 'microphone' })
      const source = new MicrophoneSource('mic', config, { shape: [400], sampleRate: 8000, hop: 400 }, systemClock)
      console.log('ready')
      try { for (;;) openSync('/dev/null') } catch {}
      const reports = { condition: (...said) => { console.log(said[2]); process.exit(0) }, failed() {}, gap() {}, restarted() {} }
      for await (const _ of source.deliveries(new AbortController().signal, reports));`
    const node = `'${process.execPath}' --import tsx --input-type=module --eval "$SCRIPT"`
    const child = spawn('/bin/sh', ['-c', `ulimit -n 200; exec ${node}`], {
      cwd: PROJECT,
      env: { ...process.env, SCRIPT: script },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', text => (said += text))
    child.stderr.on('data', text => (said += text))
    const [code] = await once(child, 'close')
    expect(said).toContain('EMFILE')
    expect(code).toBe(0)
  })

  it('refuses to start on a model that takes no sound, or a rate that cannot be converted', async () => {
    const config = microphoneSourceSchema.parse({ type: 'microphone' })
    const frames = new MicrophoneSource('mic', config, { shape: [4, 4], sampleRate: null, hop: 1 }, systemClock)
    await expect(frames.open()).rejects.toMatchObject({ code: 'AUSCULT_CONFIG', at: 'sources.mic' })
    const odd = microphoneSourceSchema.parse({ type: 'microphone', sample_rate: 768_000 })
    const slow = new MicrophoneSource('mic', odd, { shape: [400], sampleRate: 1000, hop: 400 }, systemClock)
    await expect(slow.open()).rejects.toMatchObject({ code: 'AUSCULT_INPUT_INVALID' })
  })
})

describe('microphoneSourceSchema', () => {
  it('has a default for everything but its type', () => {
    expect(microphoneSourceSchema.parse({ type: 'microphone' })).toMatchObject({
      recorder: 'auto',
      sample_rate: null,
      channels: 1,
      channel: 'mean',
      silence: { below_dbfs: -80, seconds: 10 },
      wrong_rate: { tolerance: 0.02, seconds: 30 },
    })
  })

  it('refuses a channel that is not recorded', () => {
    const { error } = microphoneSourceSchema.safeParse({ type: 'microphone', channels: 2, channel: 3 })
    expect(error?.issues.map(({ path, message }) => [path, message])).toEqual([
      [['channel'], 'there are not so many `channels`'],
    ])
  })
})
