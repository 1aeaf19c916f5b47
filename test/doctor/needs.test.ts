import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readNeeds } from '../../src/doctor/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { write } = temporaryFolder()
const config = (content: object) => write('config.yaml', stringify(content))

it('are those of the defaults without a configuration', () => {
  expect(readNeeds(undefined)).toMatchObject({
    config: null,
    engine: { engine: 'onnx', device: 'auto' },
    http: { host: '127.0.0.1', port: 8080 },
  })
})

it('are all that a daemon reaches', () => {
  const brokers = ['localhost:9092']
  const file = config({
    bundle: 'models/pump',
    scorer: { device: 'webgpu', precision: 'fp16', workers: 2 },
    sources: {
      hall: { type: 'microphone', recorder: 'arecord' },
      line: { type: 'kafka', brokers, topics: ['frames'] },
      old: { type: 'files', path: 'recordings' },
    },
    sinks: { kafka: { brokers, scores_topic: 'scores' } },
    store: { path: 'state/events.db', max_mb: 200 },
    http: { port: 9000 },
  })
  const needs = readNeeds(file, { AUSCULT_SCORER_THREADS: '3' })
  expect(needs).toMatchObject({
    config: file,
    engine: { engine: 'onnx', device: 'webgpu', precision: 'fp16', threads: 3 },
    recorders: ['arecord'],
    http: { port: 9000 },
    model: { bundle: 'models/pump' },
  })
  expect(needs.kafka.map(({ at, topics }) => [at, topics])).toEqual([
    ['sources.line', ['frames']],
    ['sinks.kafka', ['auscult.events', 'scores']],
  ])
  expect(needs.folders).toEqual([
    { name: 'store', path: 'state/events.db', isStore: true, megabytes: 200 },
    { name: 'evidence', path: 'state/events.db.evidence', isStore: false, megabytes: 1000 },
  ])
})

it('are those of training where the configuration is of training', () => {
  const needs = readNeeds(config({ input: { paths: ['recordings'] }, engine: { type: 'tfjs', device: 'cuda' } }), {})
  expect(needs).toMatchObject({ engine: { engine: 'tfjs', device: 'cuda' }, recorders: [], kafka: [] })
  expect(needs).not.toHaveProperty('http')
  expect(needs.folders).toMatchObject([{ name: 'output', path: 'models' }])
})

it('are not guessed where the configuration is wrong', () => {
  expect(() => readNeeds(config({ bundel: 'x', sources: {} }), {})).toThrow(
    expect.objectContaining({ code: 'AUSCULT_CONFIG' }),
  )
  expect(() => readNeeds('nowhere.yaml', {})).toThrow(expect.objectContaining({ code: 'AUSCULT_INPUT_MISSING' }))
})
