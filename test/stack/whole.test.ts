import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trainingConfig } from '../../src/demo/configs.ts'
import { silentProgress } from '../../src/progress.ts'
import { recordWav, Synthesizer } from '../../src/train/synth/index.ts'
import { runTraining } from '../../src/train/train.ts'
import { COMPOSE_FILE, type ComposeProject, loadCompose } from '../helpers/compose.ts'
import { type Built, DockerBuild } from '../helpers/dockerfile.ts'
import { Broker } from '../helpers/kafka-broker.ts'
import { freePort, javaArguments, runTool } from '../helpers/kafka-setup.ts'
import { go, kafkaOfOurs, PROJECT } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { until } from '../helpers/until.ts'

const program = go()
const jars = kafkaOfOurs()
const { folder } = temporaryFolder()
const state = join(folder, 'state')
const children: ChildProcess[] = []

/**
 * What `docker compose up` would start, started without an engine: Auscult as the Dockerfile builds it, Kafka with the variables of the
 * service, and the player, with the commands of compose.yml. Paths and addresses of containers become those of this machine.
 */
describe.skipIf(!program || !jars)('the stack', () => {
  let project: ComposeProject
  let image: Built
  let broker: Broker
  let port: number
  let address: string

  /** As a container sees it, as it is here. */
  const here = (text: string) =>
    text
      .replaceAll('/var/lib/auscult', state)
      .replaceAll('/app/', `${image.root}/app/`)
      .replaceAll('kafka:9092', broker.brokers[0])

  /** Starts what a service runs, or waits for its end. */
  function command(name: string): { args: string[]; env: NodeJS.ProcessEnv } {
    const service = project.services[name]
    const [, , ...entry] = service.entrypoint ?? image.last.ENTRYPOINT.words
    const words = [...entry, ...(service.command ?? image.last.CMD.words)].map(here)
    const given = Object.entries(service.environment ?? {}).map(([key, value]) => [key, here(value ?? '')])
    const env = { PATH: process.env.PATH, ...image.env, AUSCULT_HTTP_PORT: String(port), ...Object.fromEntries(given) }
    return { args: words, env }
  }

  /** Its `auscult` is the image's. */
  const start = (name: string) => {
    const { args, env } = command(name)
    const [first, ...rest] = args.map(word => (word === 'auscult' ? join(image.root, 'usr/local/bin/auscult') : word))
    const child = spawn(first, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
    return { child, output: () => output }
  }

  const check = () => {
    const [test, ...args] = image.last.HEALTHCHECK.words.map(here)
    return spawnSync(test, args, { env: { PATH: process.env.PATH, AUSCULT_HTTP_PORT: String(port) } }).status
  }

  beforeAll(async () => {
    project = loadCompose(program!, COMPOSE_FILE)
    image = new DockerBuild(PROJECT.replace(/\/$/, ''), join(folder, 'image')).build()
    port = await portOnAllAddresses()
    address = `http://127.0.0.1:${port}`
    broker = await startKafka(project.services.kafka.environment!)
    const program_ = join(image.root, 'usr/local/bin/auscult')
    writeFileSync(program_, here(readFileSync(program_, 'utf8')))
    mkdirSync(state)
    await makeDemo(join(state, 'demo'))
    const config = here(readFileSync(join(PROJECT, 'dashboards/stack/run.yaml'), 'utf8'))
    writeFileSync(join(folder, 'run.yaml'), config)
    image.last.CMD = { ...image.last.CMD, words: ['run', join(folder, 'run.yaml')] }
  }, 240_000)

  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await broker?.stop()
  })

  it('is an image of what runs and nothing else', () => {
    const app = join(image.root, 'app')
    expect(readdirSync(app).sort()).toEqual(['LICENSE', 'dashboards', 'dist', 'node_modules', 'package.json'])
    expect(readdirSync(join(app, 'dashboards')).sort()).toEqual(['live', 'stack'])
    for (const name of ['typescript', 'vitest', 'fast-check']) {
      expect(existsSync(join(app, 'node_modules', name)), name).toBe(false)
    }
    const systems = join(app, 'node_modules/onnxruntime-node/bin/napi-v6')
    const left = readdirSync(systems).flatMap(system =>
      readdirSync(join(systems, system)).map(machine => `${system}/${machine}`),
    )
    expect(left).toEqual([`linux/${process.arch}`])
    expect(image.system).toHaveLength(1)
    expect(statSync(join(image.root, 'usr/local/bin/auscult')).mode & 0o777).toBe(0o755)
  })

  it('does not prepare again what is prepared', async () => {
    const { child, output } = start('prepare')
    await ended(child)
    expect(child.exitCode, output()).toBe(0)
    expect(output()).toContain('is there already')
  })

  it('scores the demo and what comes through Kafka, and is healthy', { timeout: 120_000 }, async () => {
    await broker.createTopic('sound', 4)
    await broker.createTopic('auscult.events')
    expect(check()).toBe(1)
    const daemon = start('auscult')
    const scored = async () => {
      const response = await fetch(`${address}/v1/sources`).catch(() => undefined)
      const answer = (await response?.json()) as { sources: { name: string; scored: number }[] } | undefined
      return (answer?.sources ?? []).filter(each => each.scored > 5)
    }
    await until(() => check() === 0 || daemon.child.exitCode !== null, 60_000)
    expect(check(), daemon.output()).toBe(0)
    const player = start('player')
    await until(async () => (await scored()).length === 3, 60_000)
    expect((await scored()).map(({ name }) => name).sort()).toEqual(['fan', 'line/press-1', 'line/press-2'])
    const ready = await fetch(`${address}/readyz`)
    expect(ready.status, await ready.text()).toBe(200)

    // Changes need the token, which the container made.
    const token = readFileSync(join(state, 'token'), 'utf8').trim()
    expect(token).toMatch(/^[\w-]{32}$/)
    expect(daemon.output()).not.toContain(token)
    const ask = (headers: Record<string, string>) =>
      fetch(`${address}/v1/mutes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ source: 'fan', seconds: 60 }),
      })
    expect((await ask({})).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(201)
    const inside = spawnSync(join(image.root, 'usr/local/bin/auscult'), ['ctl', 'unmute', 'm1', '--url', address], {
      env: command('auscult').env,
      encoding: 'utf8',
    })
    expect(inside.status, inside.stderr).toBe(0)

    player.child.kill('SIGTERM')
    daemon.child.kill('SIGTERM')
    expect(await ended(player.child)).toBe(0)
    expect(await ended(daemon.child)).toBe(0)
    const [end] = await broker.ends('auscult.events')
    expect(end).toBeGreaterThan(0)
  })
})

const ended = (child: ChildProcess) =>
  child.exitCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise<number | null>(resolve => child.once('close', resolve))

/** What `auscult demo --save` makes, of less sound and in one epoch. */
async function makeDemo(demo: string): Promise<void> {
  const recordings = join(demo, 'recordings')
  mkdirSync(recordings, { recursive: true })
  for (let take = 1; take <= 4; take++) {
    await recordWav(join(recordings, `normal-${take}.wav`), new Synthesizer({ seed: 1, take }), 5)
  }
  await recordWav(join(demo, 'feed.wav'), new Synthesizer({ seed: 1, take: 0 }), 20)
  const config = trainingConfig(recordings, join(demo, 'bundle'), 1)
  const training = { ...config.training, epochs: 1 }
  await runTraining({ ...config, training }, { checkpoint: false, progress: silentProgress })
}

/** The image listens on all addresses. */
async function portOnAllAddresses(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/**
 * The broker of the service: its variables as the image makes properties of them, with ports and folder of our own.
 * @see https://github.com/apache/kafka/blob/trunk/docker/README.md
 */
async function startKafka(environment: Readonly<Record<string, string | null>>): Promise<Broker> {
  const data = join(folder, 'kafka')
  mkdirSync(data)
  const ports: Record<string, number> = { 9092: await freePort(), 9093: await freePort(), 9094: await freePort() }
  const toHere = (value: string) =>
    value
      .replace(/\/var\/lib\/kafka\/data/g, join(data, 'data'))
      .replace(/(?:\b(?:kafka|localhost))?:(909[234])\b/g, (_, port) => `127.0.0.1:${ports[port]}`)
  const lines = Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_') && name !== 'KAFKA_HEAP_OPTS')
    .map(([name, value]) => `${name.slice(6).toLowerCase().replaceAll('_', '.')}=${toHere(value ?? '')}\n`)
  const properties = join(data, 'server.properties')
  writeFileSync(properties, lines.join(''))
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A')
  const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', properties]
  await runTool('java', [...javaArguments('128m'), ...format])
  const broker = new Broker([`127.0.0.1:${ports[9092]}`], data)
  await broker.restart()
  return broker
}
