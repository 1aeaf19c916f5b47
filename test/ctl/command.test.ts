import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { AnalysedBundle } from '../../src/analysis.ts'
import { checkConfig } from '../../src/config.ts'
import { declareCtl } from '../../src/ctl/command.ts'
import { createDaemon, type Daemon } from '../../src/daemon.ts'
import { daemonConfigSchema } from '../../src/daemon-config.ts'
import { AuscultError } from '../../src/errors.ts'
import { MemorySource } from '../../src/ingest/memory.ts'
import { silentLogger } from '../../src/logger.ts'
import { CLI } from '../helpers/build.ts'
import { parseTable } from '../helpers/csv.ts'
import { fakeBundle } from '../helpers/fake-bundle.ts'
import { FAKE_SCORER, WINDOW, windowOf } from '../helpers/fake-scorer.ts'
import { Receiver } from '../helpers/receiver.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { until } from '../helpers/until.ts'

const { folder } = temporaryFolder()

/** The bundle of the fake scorer with what explanations need to know of its features. */
function explainable(bundle: AnalysedBundle): AnalysedBundle {
  const front_end = { type: 'raw', sample_rate: WINDOW, window_samples: WINDOW }
  const features = { front_end, items: 1, feature_shape: [WINDOW], normalization: { offset: [0], scale: [1] } }
  return { ...bundle, manifest: { ...bundle.manifest, ...features } }
}

const TOKEN = 'token-of-the-test-0123456789'
const sources: Record<string, MemorySource> = {}
let daemon: Daemon

const receiver = new Receiver()

beforeAll(async () => {
  await receiver.start()
  const raw = {
    bundle: 'fake',
    sources: {},
    http: { port: 0, token: TOKEN },
    store: { path: join(folder, 'events.db') },
    evidence: { path: join(folder, 'evidence') },
    window: { overlap: 0 },
    recalibration: { minimum: 100, capacity: 1000, max_factor: 1.5 },
    detector: { threshold: { policy: 'value', value: 1 } },
    sinks: { webhooks: { team: { url: receiver.url }, wrong: { url: 'http://127.0.0.1:9/x', on: ['cluster.split'] } } },
  }
  daemon = createDaemon(checkConfig(raw, daemonConfigSchema, 'test'), {
    logger: silentLogger,
    scorerModule: FAKE_SCORER,
    readBundle: async () => explainable(fakeBundle('pump')),
    feeds: spec => ['mic', 'pump'].map(name => (sources[name] = new MemorySource(name, spec))),
  })
  await daemon.start()
})
afterAll(async () => {
  await daemon.stop()
  await receiver.stop()
})

/** What `auscult ctl …` prints. */
async function ctl(...args: string[]): Promise<string> {
  const program = new Command('auscult').exitOverride().configureOutput({ writeErr: () => {} })
  declareCtl(program, Number)
  const written: string[] = []
  const spy = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation(text => written.push(Buffer.from(text).toString()) > 0)
  try {
    await program.parseAsync(['ctl', ...args, '--url', daemon.address!], { from: 'user' })
  } finally {
    spy.mockRestore()
  }
  return written.join('').trimEnd()
}

const decide = (...args: string[]) => ctl(...args, '--token', TOKEN, '--who', 'ada')

/** The error that a command ends with, as it is printed. */
async function refusal(...args: string[]): Promise<string> {
  try {
    await ctl(...args, '--token', TOKEN)
  } catch (error) {
    if (error instanceof AuscultError) return error.toString()
    throw error
  }
  throw new Error('it was not refused')
}

const play = (source: string, ...scores: number[]) => {
  for (const score of scores) sources[source].push(windowOf(score))
}

/** Plays an episode of these scores, until it is closed. */
async function episode(source: string, ...scores: number[]): Promise<void> {
  const closed = async () => JSON.parse(await ctl('episodes', '--json', '--limit', '1000')).episodes.length
  const before = await closed()
  play(source, 0.5, ...scores, 0.1, 0.1, 0.1, 0.1)
  await until(async () => (await closed()) > before && !daemon.sources().some(({ episodeOpen }) => episodeOpen))
}

describe('before anything happened', () => {
  it('all lists say so', async () => {
    expect(await ctl('episodes')).toBe('no episodes')
    expect(await ctl('mutes')).toBe('nothing is muted')
    expect(await ctl('audit')).toBe('nothing was decided yet')
    expect(await refusal('ack', 'last')).toMatch(/^last: there is no episode yet \[AUSCULT_NOT_FOUND\]/)
    expect(await ctl('threshold')).toBe('FOR         POLICY   BY  NOTE\nconfigured  value:1')
  })

  it('the daemon and its parts are well', async () => {
    const text = await ctl('status')
    expect(text).toMatch(
      /^daemon {4}http:\S+, auscult \S+, ready\nmodel {5}pump\nsources {3}2 running\nepisodes {2}0 open episodes\n/,
    )
    expect(text).toMatch(/\nok {2}decisions {6}as decided\n/)
    expect(JSON.parse(await ctl('status', '--json'))).toMatchObject({ status: 'ready', sources: [{ name: 'mic' }, {}] })
  })
})

describe('an episode', () => {
  beforeAll(async () => {
    await episode('mic', 3, 3, 3)
    await episode('pump', 4, 4)
  })

  it('is listed with what it is like', async () => {
    const [head, pump, mic] = (await ctl('episodes')).split('\n')
    expect(head).toMatch(/^ID +OPENED +LASTED +SOURCE +PEAK +LIKE +STATE$/)
    expect(pump).toMatch(/^e\d+ .* pump +×4 +cluster \d+ \(\d\) +closed$/)
    expect(mic).toMatch(/^e\d+ .* mic +×3 +cluster \d+ \(\d\) +closed$/)
    expect(await ctl('episodes', '--limit', '1')).toMatch(/\nmore: --before \d+$/)
    expect((await ctl('episodes', '--source', 'mic')).split('\n')).toHaveLength(2)
    expect(await ctl('episodes', '--open')).toBe('no episodes')
  })

  it('is named by what is easy to type', async () => {
    const { episodes } = JSON.parse(await ctl('episodes', '--json'))
    const [pump, mic] = episodes
    for (const name of ['last', pump.id, `e${pump.seq}`, pump.id.slice(2)]) {
      expect(JSON.parse(await ctl('episode', name, '--json')).id, name).toBe(pump.id)
    }
    expect(JSON.parse(await ctl('episode', `e${mic.seq}`, '--json')).id).toBe(mic.id)
    const ambiguous = await refusal('episode', '4')
    expect(ambiguous).toContain(`4 may mean e${pump.seq} ${pump.id}, e${mic.seq} ${mic.id} [AUSCULT_USAGE]`)
    expect(await refusal('episode', 'nowhere')).toContain('nowhere: there is no such episode [AUSCULT_NOT_FOUND]')
    expect(await refusal('episode', 'e99999')).toContain('[AUSCULT_NOT_FOUND]')
  })

  it('is told in full', async () => {
    const text = await ctl('episode', 'last')
    expect(text).toMatch(/^id {6}e\d+ {2}pump\//)
    expect(text).toMatch(/\nstate {3}closed \(recovered\)\n/)
    expect(text).toMatch(/\npeak {4}4, ×4 the threshold 1\n/)
    expect(text).toMatch(/\nlike {4}cluster \d+, distance /)
  })

  it('is explained, and its evidence written', async () => {
    await until(async () => (await ctl('episode', 'last')).includes('\nwhy '))
    const out = join(folder, 'out')
    const text = await ctl('evidence', 'last', '--out', out)
    expect(text).toMatch(/^episode {2}pump\//)
    const files = readdirSync(out).sort()
    expect(files).toEqual([expect.stringMatching(/^pump_.*\.json$/), expect.stringMatching(/^pump_.*\.(wav|npz)$/)])
    for (const file of files) expect(text).toContain(`wrote ${join(out, file)}`)
    const evidence = JSON.parse(readFileSync(join(out, files[0]), 'utf8'))
    expect(evidence).toMatchObject({ episode_id: expect.stringMatching(/^pump\//), score: 4 })
    expect(await refusal('evidence', 'last', '--out', join(out, files[0]))).toContain('[AUSCULT_OUTPUT]')
  })

  it('is acknowledged', async () => {
    expect(await decide('ack', 'last', '--note', 'on it')).toMatch(/\nseen by {2}ada, now: on it$/)
    expect(await ctl('episodes', '--acknowledged')).toMatch(/closed, seen by ada$/)
    expect(await ctl('episodes', '--no-acknowledged')).toMatch(/ mic .*closed$/)
  })
})

describe('a cluster', () => {
  it('is labelled, listed, and named by its label', async () => {
    const { episodes } = JSON.parse(await ctl('episodes', '--json'))
    const { id } = episodes[0].cluster
    expect(await decide('label', String(id), 'belt', 'squeal')).toBe(`cluster ${id} is belt squeal`)
    expect(await ctl('clusters')).toMatch(new RegExp(`\\n *${id} {2}belt squeal +\\S.*`))
    expect(await ctl('cluster', 'Belt Squeal')).toMatch(
      /label +belt squeal\n[\s\S]*\n\nID +OPENED[\s\S]* belt squeal \(\d\)/,
    )
    expect(await ctl('episodes', '--cluster', 'belt squeal')).toContain('belt squeal (')
    expect(await decide('label', 'belt squeal')).toBe(`cluster ${id} has no label`)
    expect(await refusal('label', 'belt squeal', 'x')).toContain('no cluster is called belt squeal [AUSCULT_NOT_FOUND]')
    expect(await refusal('label', '99', 'x')).toContain('there is no cluster 99 [AUSCULT_NOT_FOUND]')
  })
})

describe('mutes', () => {
  it('of a source begin and end', async () => {
    expect(await decide('mute', '--source', 'mic', '--for', '2h', '--note', 'repair')).toMatch(
      /^m\d+ mutes source mic, until \S+( \S+)? \(in 2 h\)$/,
    )
    await episode('mic', 3, 3)
    const [, line] = (await ctl('mutes')).split('\n')
    expect(line).toMatch(/^m\d+ {2}source mic +\S+( \S+)? +1 {2}.* ada +now +repair$/)
    const id = line.split(' ')[0]
    expect(await ctl('episodes', '--muted')).toContain(`closed, muted ${id}`)
    expect(await ctl('sources')).toMatch(/\nmic +running .* 2 \(1 muted\) /)
    expect(await decide('unmute', id)).toBe(`${id} is over: source mic, 1 episode muted`)
    expect(await refusal('unmute', id)).toContain(`there is no mute ${id} [AUSCULT_NOT_FOUND]`)
  })

  it('follow a false alarm', async () => {
    const text = await decide('false-alarm', 'last', '--source-only', '--for', '90s')
    expect(text).toMatch(
      /^mic\/\S+ was a false alarm\nm\d+ mutes what is like cluster (\d+) in mic, until .*\n\d other episodes? of it so far: auscult ctl episodes --cluster \1$/,
    )
    await episode('mic', 3, 3)
    expect(await ctl('mutes')).toMatch(/\nm\d+ {2}like cluster \d+ in mic .* {2}1 /)
    expect(await ctl('episode', 'last')).toMatch(/\nmuted +m\d+ \(false alarm\)$/)
  })

  it.each([
    [['mute'], 'mute: name a --source or a --cluster [AUSCULT_USAGE]'],
    [['mute', '--source', 'mic', '--cluster', '1'], 'mute: name a --source or a --cluster [AUSCULT_USAGE]'],
    [['mute', '--source', 'mic', '--for', 'ever'], 'not a duration: ever [AUSCULT_USAGE]'],
    [['mute', '--source', 'mike'], 'there is no source mike [AUSCULT_NOT_FOUND]'],
    [['false-alarm', 'last', '--for', '2'], 'not a duration: 2 [AUSCULT_USAGE]'],
  ])('are refused: %s', async (args, message) => {
    expect(await refusal(...args)).toContain(message)
  })
})

describe('thresholds', () => {
  it('are set, listed and given up', async () => {
    expect(await decide('threshold', 'value:2', '--source', 'pump')).toBe('pump: value:2, from a score of 2 on')
    expect(await decide('threshold', 'target_fpr:0.01')).toBe('all sources: target_fpr:0.01, from a score of 0.99 on')
    expect((await ctl('threshold')).split('\n').slice(1)).toEqual([
      'configured   value:1',
      'all sources  target_fpr:0.01  ada, now',
      'pump         value:2          ada, now',
    ])
    expect(await decide('threshold', '--reset', '--source', 'pump')).toMatch(/^pump: target_fpr:0.01, /)
    expect(await decide('threshold', '--reset')).toBe('all sources: value:1, from a score of 1 on')
  })

  it.each([
    [['threshold', 'percentile:200'], 'AUSCULT_USAGE'],
    [['threshold', 'average:1'], 'AUSCULT_USAGE'],
    [['threshold', 'value:1', '--reset'], 'a policy is set, or --reset: not both [AUSCULT_USAGE]'],
    [['threshold', '--source', 'mic'], 'name a policy for the source, or --reset [AUSCULT_USAGE]'],
    [['threshold', 'value:1', '--source', 'mike'], 'there is no source mike [AUSCULT_NOT_FOUND]'],
  ])('are refused: %s', async (args, message) => {
    expect(await refusal(...args)).toContain(message)
  })
})

describe('calibrations', () => {
  it('are tried, made, and taken back', async () => {
    await decide('threshold', 'percentile:99')
    play('pump', ...Array.from({ length: 300 }, (_, i) => 0.5 + ((i * 37) % 100) / 160))
    await until(() => daemon.sources().some(({ name, account }) => name === 'pump' && account.scored >= 300))
    const tried = await decide('recalibrate', 'pump', '--dry-run')
    expect(tried).toMatch(
      /^ +WINDOWS +MEDIAN +99 % +THRESHOLD\nbefore +1000 .*\nafter +\d{3} .*\nthreshold ×1\.\d+, .*\npump would be calibrated anew; nothing is changed$/,
    )
    expect(await decide('recalibrate', 'pump')).toMatch(/\npump is calibrated anew$/)
    expect(await decide('revert', 'pump')).toMatch(
      /^pump: the threshold is 0\.99 again, after 1\.\d+; 0 more steps back$/,
    )
    expect(await refusal('revert', 'pump')).toContain('[AUSCULT_RECALIBRATION]')
    expect(await refusal('recalibrate', 'mic')).toContain(
      'normal windows are too few to calibrate from [AUSCULT_RECALIBRATION]',
    )
  })
})

describe('the audit log', () => {
  it('says who did what', async () => {
    const words = (await ctl('audit', '--limit', '100')).split('\n').slice(1)
    const said = words.map(line => line.replace(/^\d\d:\d\d:\d\d +/, '').replaceAll(/\d+/g, '#'))
    expect(said.reverse()).toEqual([
      expect.stringMatching(/^ada {2}saw pump\/\S+ +on it$/),
      'ada  cluster #: no label → belt squeal',
      'ada  cluster #: belt squeal → no label',
      expect.stringMatching(/^ada {2}muted source mic \(m#\) +repair$/),
      'ada  m# ended: source mic, # episode muted',
      expect.stringMatching(/^ada {2}false alarm: mic\/\S+, cluster # \(m#\)$/),
      'ada  threshold of pump: none of its own → value:#',
      'ada  threshold of all sources: none of its own → target_fpr:#.#',
      'ada  threshold of pump: value:# given up',
      'ada  threshold of all sources: target_fpr:#.# given up',
      'ada  threshold of all sources: none of its own → percentile:#',
      'ada  pump calibrated anew: threshold #.# → #.#',
      'ada  calibration of pump taken back: threshold #.# → #.#',
    ])
    expect(await ctl('audit', '--limit', '1')).toMatch(/\nmore: --before \d+$/)
  })
})

describe('history', () => {
  it('is listed, the latest first, or the oldest first from a number on', async () => {
    const [head, ...lines] = (await ctl('events', '--limit', '1000')).split('\n')
    expect(head).toMatch(/^ *SEQ +WHEN +TYPE +WHAT$/)
    expect(lines[0]).toMatch(/ decision +ada: recalibration reverted, pump$/)
    expect(lines.at(-1)).toMatch(/^ *1 .*/)
    expect(await ctl('events', '--kind', 'episode', '--source', 'pump', '--limit', '1')).toMatch(
      / episode\.\w+ +\S.*\nmore: --before \d+$/,
    )
    const first = await ctl('events', '--after', '0', '--limit', '2', '--kind', 'episode', '--kind', 'cluster')
    expect(first).toMatch(/\nmore: --after \d+$/)
    expect(await ctl('events', '--kind', 'episode', '--since', '1h')).toBe('no events')
    expect(await ctl('events', '--episode', 'last', '--json')).toContain('"type":"episode.opened"')
  })

  it('is filtered by time and score', async () => {
    expect(await ctl('episodes', '--min-score', '4')).toMatch(/ pump .*×4 /)
    expect(await ctl('episodes', '--min-score', '4')).not.toContain(' mic ')
    expect(await ctl('episodes', '--since', '1h', '--until', '2001-01-01')).toBe('no episodes')
    expect(await ctl('audit', '--action', 'muted', '--source', 'mic', '--since', '1h')).toMatch(
      /WHAT.*\n.* muted source mic/,
    )
    expect(await ctl('audit', '--action', 'muted', '--until', '1h')).toBe('nothing was decided yet')
    expect(await refusal('audit', '--action', 'thought')).toMatch(/query\.action: .*\[AUSCULT_USAGE\]/)
    expect(await refusal('episodes', '--since', 'last week')).toContain('not a time: last week [AUSCULT_USAGE]')
  })

  it('is exported to the standard output, or to a file', async () => {
    const rows = parseTable(`${await ctl('export', 'episodes', '--source', 'mic')}\r\n`)
    expect(rows.length).toBeGreaterThan(1)
    expect(rows.every(({ source, state }) => source === 'mic' && state === 'closed')).toBe(true)
    const out = join(folder, 'events.jsonl')
    expect(await ctl('export', 'events', '--format', 'jsonl', '-o', out)).toMatch(/events\.jsonl, \d+ bytes$/)
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line).seq)).toEqual(lines.map((_, i) => i + 1))
    expect(JSON.parse(await ctl('export', 'audit', '-o', out, '--json'))).toMatchObject({ file: out })
    expect(readFileSync(out, 'utf8')).toMatch(/^seq,time,time_ms,who,/)
    expect(await refusal('export', 'dreams')).toContain('dreams is none of episodes, events, audit [AUSCULT_USAGE]')
    expect(await refusal('export', 'events', '--format', 'xlsx')).toContain(
      'xlsx is none of csv, jsonl [AUSCULT_USAGE]',
    )
    expect(await refusal('export', 'events', '-o', join(out, 'x'))).toContain('[AUSCULT_OUTPUT]')
  })
})

describe('webhooks', () => {
  it('are told of episodes, and listed', async () => {
    await until(async () => JSON.parse(await ctl('webhooks', '--json')).webhooks[0].lag === 0)
    const types = new Set(receiver.received.map(({ body }) => body.event.type))
    expect([...types]).toEqual(['episode.opened', 'episode.closed'])
    const [head, team, wrong] = (await ctl('webhooks')).split('\n')
    expect(head).toMatch(/^NAME +TO +SIGNED +DELIVERED +FAILED +GIVEN UP +WAIT +STATE$/)
    expect(team).toMatch(/^team +http:\/\/127\.0\.0\.1:\d+ +no +\d+ +0 +0 +0 +ok$/)
    expect(wrong).toMatch(/^wrong +http:\/\/127\.0\.0\.1:9 +no +0 +0 +0 +0 +ok$/)
    expect(await ctl('status')).toMatch(/\nok {2}webhook team +http\S+ \d+ delivered\n/)
    const metrics = await (await fetch(`${daemon.address}/metrics`)).text()
    expect(metrics).toMatch(/auscult_webhook_deliveries_total\{webhook="team",outcome="delivered"\} [1-9]/)
    expect(metrics).toContain('auscult_webhook_lag_events{webhook="team"} 0')
  })

  it('are tried', async () => {
    expect(await ctl('webhook', 'test', 'team', '--token', TOKEN)).toMatch(/^team: delivered \(\S+ s\)$/)
    expect(receiver.received.at(-1)!.body.text).toBe('Auscult reaches this webhook (team).')
    expect(await ctl('webhook', 'test', 'wrong', '--token', TOKEN)).toMatch(
      /^wrong: not delivered: nobody listens there /,
    )
    expect(process.exitCode).toBe(1)
    process.exitCode = undefined
    expect(await refusal('webhook', 'test', 'tame')).toMatch(
      /tame: there is no such webhook .*\n.*There is team, wrong\./,
    )
    expect(await refusal('webhook', 'toast', 'team')).toContain('[AUSCULT_USAGE]')
  })
})

describe('whoever may not', () => {
  it('is told so', async () => {
    await expect(ctl('mute', '--source', 'mic')).rejects.toMatchObject({ code: 'AUSCULT_FORBIDDEN' })
  })
})

describe('the process', () => {
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, 'ctl', ...args], {
      encoding: 'utf8',
      env: { ...process.env, AUSCULT_URL: 'http://127.0.0.1:9', AUSCULT_TOKEN: TOKEN },
    })

  it('ends with 1 where nothing listens, and says what to do', () => {
    const { status, stderr, stdout } = start('status')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(
      /^auscult: http:\/\/127\.0\.0\.1:9: no daemon .* \[AUSCULT_UNREACHABLE\]\n {2}→ .*AUSCULT_URL/,
    )
  })

  it('ends with 2 when it is used wrongly', () => {
    const calls = [['mute'], ['ack'], ['nothing'], ['status', '--url', 'ftp://x'], ['episodes', '--limit', 'x']]
    expect(calls.map(args => start(...args).status)).toEqual([2, 2, 2, 2, 2])
  })
})
