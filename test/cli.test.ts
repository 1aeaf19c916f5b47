import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { checkConfig, type z } from '../src/config.ts'
import { type DaemonConfig, daemonConfigSchema } from '../src/daemon.ts'
import { SOURCE_SCHEMAS } from '../src/ingest/source-config.ts'
import { encodeWav } from '../src/ingest/wav-encode.ts'
import { trainConfigSchema } from '../src/train/config.ts'
import { runTraining } from '../src/train/train.ts'
import { CLI } from './helpers/build.ts'
import { PROJECT } from './helpers/requires.ts'
import { temporaryFolder } from './helpers/temporary.ts'
import { until } from './helpers/until.ts'
import { hum } from './train/recordings.ts'

const RATE = 1000
const { folder, write } = temporaryFolder()
const sound = (seed: number) => encodeWav(hum(2 * RATE, seed), RATE, 'float32')

/** Eight good recordings in a folder, and what else is asked for. */
function recordings(name: string, extra: Record<string, Uint8Array> = {}): string {
  for (let i = 0; i < 8; i++) write(`${name}/${i}.wav`, sound(i))
  for (const [file, bytes] of Object.entries(extra)) write(`${name}/${file}`, bytes)
  return join(folder, name)
}

function trainConfig(paths: string, output: string, changes: object = {}) {
  return {
    output,
    input: { paths: [paths] },
    front_end: { type: 'raw', sample_rate: RATE, window_samples: 100 },
    architecture: { type: 'dense-ae', hidden: [8], latent: 2 },
    training: { epochs: 2, batch_size: 16 },
    ...changes,
  }
}

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** The command as a user runs it. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    const text = { stdout: '', stderr: '' }
    child.stdout.on('data', data => (text.stdout += data))
    child.stderr.on('data', data => (text.stderr += data))
    child.on('error', reject)
    child.on('close', code => resolve({ code, ...text }))
  })
  return { child, ended }
}

const auscult = (...args: string[]): Promise<Ended> => start(args).ended

/** Expects one clear message with what is named, and no stack trace. */
async function expectFailure(run: Promise<Ended>, code: 1 | 2, ...says: (string | RegExp)[]): Promise<void> {
  const { stderr, ...rest } = await run
  expect({ ...rest, stderr }).toMatchObject({ code, stdout: '' })
  expect(stderr).not.toMatch(/^\s+at |unexpected failure/m)
  expect(stderr.match(/^(auscult|error): /gm)).toHaveLength(1)
  for (const text of says) expect(stderr).toMatch(text)
}

let normal: string
let bundle: string
beforeAll(async () => {
  normal = recordings('normal')
  bundle = join(folder, 'bundle')
  const config = checkConfig(trainConfig(normal, bundle), trainConfigSchema, 'test')
  await runTraining(config, { checkpoint: false })
})

describe('auscult', () => {
  it('shows how it is used, and its version', async () => {
    const help = await auscult('--help')
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const name of ['train', 'run', 'evaluate', 'reconstruct', 'demo', 'config']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
    expect(await auscult('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('refuses what it does not know', async () => {
    await expectFailure(auscult('fly'), 2, "unknown command 'fly'", '--help')
    await expectFailure(auscult('train', '--fly'), 2, "unknown option '--fly'")
    await expectFailure(auscult('evaluate'), 2, "missing required argument 'bundle'")
  })

  it('asks for what config is to print', async () => {
    await expectFailure(auscult('config'), 2, "missing required argument 'train|run")
  })

  it.each([
    [['demo', '--port', 'x'], /'--port <n>' argument 'x' is invalid\. It must be a number/],
    [['evaluate', 'bundle', '--hop-seconds', '0'], /'--hop-seconds <s>' argument '0' is invalid\. It must be above 0/],
    [
      ['evaluate', 'bundle', '--max-fpr', '7'],
      /'--max-fpr <rate>' argument '7' is invalid\. It must be above 0, up to 1/,
    ],
    [
      ['evaluate', 'bundle', '--threads', '1.5'],
      /'--threads <n>' argument '1\.5' is invalid\. It must be a whole number/,
    ],
  ])('refuses %j before anything is read', async (args, says) => {
    await expectFailure(auscult(...args), 2, says, '--help')
  })

  it('points to the help of the command whose options are wrong, and names itself once', async () => {
    const port = auscult('demo', '--port', '70000')
    await expectFailure(port, 2, /^auscult: demo: port: .*65535/, /→ .*`auscult demo --help`/)
    await expectFailure(auscult('train'), 2, /^auscult: train: no configuration file/)
    const threshold = auscult('evaluate', 'bundle', '--threshold', 'perc:3')
    await expectFailure(threshold, 2, 'percentile:99.5, target_fpr:0.005, gamma:0.999, spot:0.0001 or value:0.12')
    const config = write('port.yaml', stringify({ bundle: 'b', sources: {}, http: { port: -1 } }))
    await expectFailure(auscult('run', config), 2, 'http.port', /→ .*`auscult config run`/)
  })

  it.each(['train', 'run'] as const)('prints a sample for %s that it accepts', async command => {
    const { code, stdout } = await auscult('config', command)
    expect(code).toBe(0)
    const schema: z.ZodType = { train: trainConfigSchema, run: daemonConfigSchema }[command]
    expect(() => checkConfig(parse(stdout), schema, 'sample')).not.toThrow()
  })

  it.each(Object.keys(SOURCE_SCHEMAS))('prints a sample with a source of type %s', async type => {
    const { stdout } = await auscult('config', 'run', '--source', type)
    const { sources } = checkConfig<DaemonConfig>(parse(stdout), daemonConfigSchema, 'sample')
    expect(Object.values(sources).map(source => source.type)).toEqual([type])
  })

  it('refuses a configuration that is absent, not YAML or has unknown options', async () => {
    await expectFailure(auscult('train'), 2, 'AUSCULT_USAGE', 'auscult config train')
    await expectFailure(auscult('run', join(folder, 'none.yaml')), 2, 'none.yaml', 'AUSCULT_INPUT_MISSING')
    await expectFailure(auscult('train', write('broken.yaml', 'a: [b\n')), 2, 'broken.yaml', 'AUSCULT_CONFIG')
    const unknown = write('unknown.yaml', stringify({ ...trainConfig('x', 'y'), training: { epocs: 3 }, sed: 1 }))
    await expectFailure(auscult('train', unknown), 2, /training\.epocs: unknown option\s+sed: unknown option/)
  })
})

describe('auscult train', () => {
  const train = (name: string, paths: string, changes: object = {}) => {
    const config = trainConfig(paths, join(folder, 'out', name, 'model'), changes)
    return auscult('train', write(`${name}.yaml`, stringify(config)))
  }

  it('writes a bundle and says what it did', async () => {
    const output = join(folder, 'out', 'good', 'model')
    const config = write('good.yaml', stringify(trainConfig(normal, output)))
    const { code, stdout } = await auscult('train', '--config', config, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ bundle: output, epochs: 2, recordings: { train: 5 } })
    expect(readdirSync(output)).toContain('report.html')
  })

  it.each<[string, () => Uint8Array, string, RegExp]>([
    ['an empty wav', () => new Uint8Array(0), 'AUSCULT_INPUT_INVALID', /bad\.wav.*empty/],
    ['a wav without a whole header', () => sound(9).subarray(0, 30), 'AUSCULT_INPUT_INVALID', /bad\.wav.*cut short/],
    ['a truncated wav', () => sound(9).subarray(0, 3001), 'AUSCULT_INPUT_INVALID', /bad\.wav:3001: truncated/],
    [
      'a wav with NaN',
      () => encodeWav(hum(2 * RATE, 9).fill(Number.NaN, 700, 701), RATE, 'float32'),
      'AUSCULT_NON_FINITE',
      /bad\.wav: sample 700/,
    ],
  ])('refuses %s and writes nothing', async (name, bytes, code, says) => {
    const paths = recordings(name, { 'bad.wav': bytes() })
    await expectFailure(train(name, paths), 1, code, says, '→')
    expect(existsSync(join(folder, 'out', name))).toBe(false)
  })

  it('leaves out a wav of zeros and says so; refuses when nothing else is there', async () => {
    const zeros = encodeWav(new Float32Array(2 * RATE), RATE)
    const { code, stdout, stderr } = await train('zero', recordings('zero', { 'zeros.wav': zeros }))
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/zeros\.wav: every sample/) })
    expect(stdout).toContain('1 left out')
    write('zeros/a.wav', zeros)
    await expectFailure(train('zeros', join(folder, 'zeros')), 1, /every sample|zeros|silent/, '→')
    expect(existsSync(join(folder, 'out', 'zeros'))).toBe(false)
  })

  it('refuses a folder that is absent and an architecture that does not fit', async () => {
    await expectFailure(train('absent', join(folder, 'nowhere')), 2, /nowhere/, 'AUSCULT_INPUT_MISSING')
    const architecture = { type: 'conv1d-ae', kernel: 200 }
    await expectFailure(train('shape', normal, { architecture }), 2, 'AUSCULT_SHAPE', /100×1 +features/, '→')
  })
})

describe('auscult evaluate', () => {
  it('prints one object of figures', async () => {
    const labels = write(
      'labels.csv',
      `file,label\n${[0, 1, 2, 3].map(i => `${i}.wav,${i < 2 ? 1 : -1}`).join('\n')}\n`,
    )
    const { code, stdout } = await auscult('evaluate', bundle, normal, '--labels', labels, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).roc_auc).toEqual(expect.any(Number))
  })

  it('groups latents and writes a page', async () => {
    const report = join(folder, 'evaluation.html')
    const args = [
      '--clusters',
      'kmeans',
      '--k',
      '2',
      '--space',
      'pca2',
      '--per',
      'window',
      '--report',
      report,
      '--json',
    ]
    const { code, stdout, stderr } = await auscult('evaluate', bundle, normal, ...args)
    expect([code, stderr]).toEqual([0, expect.stringContaining(`report: ${report}`)])
    expect(JSON.parse(stdout).clusters).toMatchObject({ method: 'kmeans', k: 2, space: 'pca2', classes: null })
    expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>/)
  })

  it('refuses options of groups and shares that do not fit', async () => {
    const refuse = (...args: string[]) => auscult('evaluate', bundle, normal, ...args)
    await expectFailure(refuse('--k', '3'), 2, '--clusters kmeans', 'AUSCULT_USAGE')
    await expectFailure(refuse('--clusters', 'kmeans', '--k', '999'), 2, /999 clusters .* in \d+ items/, '→')
    await expectFailure(refuse('--clusters', 'kmeans', '--k', 'few'), 2, 'It must be auto, or a whole number above 0')
    await expectFailure(refuse('--fraction'), 2, '--labels', 'AUSCULT_USAGE')
    await expectFailure(refuse('--fraction-by', 'moon'), 2, 'class, folder')
  })

  it('refuses labels of absent recordings, and thresholds of no known kind', async () => {
    const labels = write('absent.csv', 'file,label\n0.wav,1\nabsent.wav,-1\n')
    await expectFailure(auscult('evaluate', bundle, normal, '--labels', labels), 2, 'AUSCULT_LABELS', 'absent.wav')
    await expectFailure(auscult('evaluate', bundle, normal, '--threshold', 'luck:7'), 2, 'percentile', 'AUSCULT_CONFIG')
  })

  it('refuses a bundle that is absent, or has a changed byte', async () => {
    await expectFailure(auscult('evaluate', join(folder, 'nowhere'), normal), 1, 'nowhere', 'AUSCULT_BUNDLE')
    const changed = join(folder, 'changed')
    cpSync(bundle, changed, { recursive: true })
    const model = readFileSync(join(changed, 'model.onnx'))
    model[Math.floor(model.length / 2)] ^= 1
    write('changed/model.onnx', model)
    await expectFailure(auscult('evaluate', changed, normal), 1, /changed\/model\.onnx.*SHA-256/, 'AUSCULT_BUNDLE')
  })
})

describe('auscult reconstruct', () => {
  it('writes wavs', async () => {
    const out = join(folder, 'reconstructed')
    const { code, stdout } = await auscult('reconstruct', bundle, join(normal, '0.wav'), '--out', out)
    expect(code).toBe(0)
    expect(stdout.trim().split('\n').every(existsSync)).toBe(true)
    expect(readdirSync(out)).toHaveLength(1)
  })
})

describe('auscult run', () => {
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  const config = (port: number, source: object = {}) => {
    const sources = { machine: { type: 'files', path: normal, speed: 0, ...source } }
    return write('run.yaml', stringify({ bundle, sources, http: { port }, scorer: { device: 'cpu' } }))
  }

  it('ends with 0 when its files have ended', async () => {
    const { code, stderr } = await auscult('run', config(0))
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('"msg":"stopped"') })
  })

  it('refuses a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expectFailure(auscult('run', config(port)), 1, `127.0.0.1:${port}`, 'AUSCULT_PORT_IN_USE', '→')
    await new Promise(resolve => other.close(resolve))
  })

  it('refuses a bundle that is absent and a store that cannot be written, in a line each', async () => {
    const run = (env: NodeJS.ProcessEnv) => start(['run', config(0)], env).ended
    const nowhere = join(folder, 'nowhere')
    await expectFailure(
      run({ AUSCULT_BUNDLE: nowhere }),
      1,
      /^auscult: .*nowhere.*no bundle here/,
      'AUSCULT_BUNDLE',
      '→',
    )
    const under = join(write('a-file', 'x'), 'events.db')
    await expectFailure(
      run({ AUSCULT_STORE_PATH: under }),
      1,
      /^auscult: .*a-file.*cannot be used/,
      'AUSCULT_STORE',
      '→',
    )
    await expectFailure(run({ AUSCULT_STORE_PATH: folder }), 1, /this is a folder/, 'AUSCULT_STORE', '→')
  })

  it('makes the folder of its store', async () => {
    const store = join(folder, 'not/yet/events.db')
    expect(await start(['run', config(0)], { AUSCULT_STORE_PATH: store }).ended).toMatchObject({ code: 0 })
    expect(existsSync(store)).toBe(true)
  })

  it('takes options from the environment, drains at SIGTERM and ends with 0', async () => {
    const store = join(folder, 'events.db')
    const { child, ended } = start(['run', config(1, { speed: 1, loop: true })], {
      AUSCULT_HTTP_PORT: '0',
      AUSCULT_STORE_PATH: store,
      AUSCULT_DETECTOR_THRESHOLD: '{ policy: value, value: 1.0e-9 }',
    })
    children.push(child)
    const opened = until(
      () => existsSync(`${store}-wal`) && readFileSync(`${store}-wal`, 'latin1').includes('episode.opened'),
    )
    await Promise.race([opened, ended.then(({ stderr }) => expect(stderr).toBe('still running'))])
    const from = performance.now()
    child.kill('SIGTERM')
    const { code, stderr } = await ended
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('SIGTERM: draining') })
    expect(performance.now() - from).toBeLessThan(10_000)
    const { stdout } = await auscult('events', store)
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const last = events.filter(({ type }) => type.startsWith('episode.')).slice(-2)
    expect(last).toMatchObject([
      { type: 'episode.closed', episode: { close_reason: 'stopped' } },
      {
        type: 'episode.explained',
        episode: { close_reason: 'stopped', explanation: { summary: expect.stringContaining('of the residual') } },
      },
    ])
  })
})

describe('auscult record', () => {
  const recordConfig = (name: string, changes: object = {}) => {
    const config = {
      sources: { pump: { type: 'files', path: normal, speed: 0 } },
      record: { folder: join(folder, name), sample_rate: RATE },
      ...changes,
    }
    return write(`${name}.yaml`, stringify(config))
  }

  it('records without a bundle, and says what', async () => {
    const ended = await auscult('record', recordConfig('taped'), '--json')
    expect(ended.code).toBe(0)
    expect(JSON.parse(ended.stdout)).toMatchObject([{ source: 'pump', files: 8, seconds: 16 }])
    expect(readdirSync(join(folder, 'taped/pump'))).toHaveLength(8)
  })

  it('writes what it has at SIGTERM, and ends with 0', async () => {
    const path = recordConfig('stopped', { sources: { pump: { type: 'files', path: normal, loop: true } } })
    const { child, ended } = start(['record', path])
    const taped = join(folder, 'stopped/pump')
    const sizes = () => (existsSync(taped) ? readdirSync(taped).map(name => statSync(join(taped, name)).size) : [])
    await until(() => sizes().some(size => size > 500))
    child.kill('SIGTERM')
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/^pump: [\d.]+ s in \d files?, /)
    expect(readdirSync(taped).filter(name => !name.endsWith('.wav'))).toEqual([])
  })

  it('stops after a time', async () => {
    const path = recordConfig('timed', { sources: { pump: { type: 'files', path: normal, loop: true } } })
    const { code, stdout } = await auscult('record', path, '--seconds', '1.5')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^pump: 1(\.\d)? s in 1 file,/)])
  })

  it('refuses what cannot be recorded, and where', async () => {
    const nowhere = { record: { folder: '/dev/null/taped', sample_rate: RATE } }
    await Promise.all([
      expectFailure(auscult('record'), 2, 'AUSCULT_USAGE', 'auscult config record'),
      expectFailure(
        auscult('record', recordConfig('unknown', { record: {} })),
        2,
        'AUSCULT_CONFIG',
        'record.sample_rate',
      ),
      expectFailure(auscult('record', recordConfig('nowhere', nowhere)), 1, 'AUSCULT_OUTPUT', '/dev/null/taped'),
      expectFailure(auscult('record', recordConfig('timeless'), '--seconds', 'soon'), 2, '--seconds'),
    ])
  })
})
