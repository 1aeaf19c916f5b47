import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from 'kafkajs'
import {
  freePort,
  javaArguments,
  makeCertificate,
  type Ports,
  runTool,
  SASL_USER,
  scramUsers,
  writeProperties,
} from './kafka-setup.ts'

export interface BrokerOptions {
  /** Listeners with SASL: PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, for `SASL_USER`. */
  readonly sasl?: boolean
  /** Listeners with TLS. */
  readonly tls?: boolean
  /** Of the plain listener. Default: a free one. */
  readonly port?: number
  /** More lines of server.properties. */
  readonly properties?: Record<string, string | number>
  /** Do not use the broker of `KAFKA_BROKERS`, for this one is to be killed. So it is with SASL and TLS, too. */
  readonly own?: boolean
}

export { SASL_USER }

/** Seconds until a broker must answer. */
const PATIENCE = 60

/**
 * An Apache Kafka of one node for a test file: `beforeAll` starts it (4 s), `afterAll` calls `stop`. It dies with the process that
 * started it, however that ends. With `KAFKA_BROKERS` it stands for those brokers, which it can neither kill nor restart.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { KAFKA_BROKERS } = process.env
  if (KAFKA_BROKERS && !options.own && !options.sasl && !options.tls) return new Broker(KAFKA_BROKERS.split(','))
  const folder = mkdtempSync(join(tmpdir(), 'auscult-kafka-'))
  const ports: Partial<Ports> = { PLAINTEXT: options.port ?? (await freePort()), CONTROLLER: await freePort() }
  if (options.sasl) ports.SASL_PLAINTEXT = await freePort()
  if (options.tls) ports.SSL = await freePort()
  if (options.sasl && options.tls) ports.SASL_SSL = await freePort()
  const broker = new Broker([`127.0.0.1:${ports.PLAINTEXT}`], folder, ports)
  try {
    if (options.tls) await makeCertificate(folder)
    const properties = writeProperties(folder, ports, options.properties ?? {})
    const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A')
    const format = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', properties]
    await runTool('java', [...javaArguments('128m'), ...format, ...(options.sasl ? scramUsers() : [])])
    await broker.restart()
  } catch (error) {
    await broker.stop()
    throw error
  }
  return broker
}

export class Broker {
  /** `host:port` of the plain listener. */
  readonly brokers: string[]
  /** Where data, certificates and the log `kafka.log` lie. Undefined for a broker of `KAFKA_BROKERS`. */
  readonly folder: string | undefined
  readonly #ports: Partial<Ports>
  #process: ChildProcess | undefined
  #watchdog: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()

  constructor(brokers: string[], folder?: string, ports: Partial<Ports> = {}) {
    this.brokers = brokers
    this.folder = folder
    this.#ports = ports
  }

  /** `host:port` of another listener, in a list. */
  listener(name: 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL'): string[] {
    return [`127.0.0.1:${this.#ports[name]}`]
  }

  /** PEM file of the certificate that the listeners with TLS show. */
  get certificate(): string {
    return join(this.folder!, 'ca.pem')
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** A client of the plain listener. It logs nothing. */
  client(config: Partial<KafkaConfig> = {}): Kafka {
    return new Kafka({ brokers: this.brokers, clientId: 'test', logLevel: logLevel.NOTHING, ...config })
  }

  /** Resolves when its partitions have leaders. @returns the name */
  async createTopic(name: string, partitions = 1, config: Record<string, string> = {}): Promise<string> {
    const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
    const topics = [{ topic: name, numPartitions: partitions, replicationFactor: 1, configEntries }]
    await this.#withAdmin(admin => admin.createTopics({ topics, waitForLeaders: true }))
    return name
  }

  /** Makes a topic with a name that no other test has. @returns the name */
  newTopic(prefix: string, partitions = 1, config: Record<string, string> = {}): Promise<string> {
    return this.createTopic(`${prefix}-${randomBytes(5).toString('hex')}`, partitions, config)
  }

  /** Offsets that a group has committed, by partition; -1 where none. */
  async committed(group: string, topic: string): Promise<number[]> {
    const [{ partitions }] = await this.#withAdmin(admin => admin.fetchOffsets({ groupId: group, topics: [topic] }))
    return partitions.sort((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset))
  }

  /** Offset behind the last message, by partition. */
  async ends(topic: string): Promise<number[]> {
    const ends = await this.#withAdmin(admin => admin.fetchTopicOffsets(topic))
    return ends.sort((a, b) => a.partition - b.partition).map(({ high }) => Number(high))
  }

  /** A connected producer with the partitioner of Java clients, which sends each message once. The caller disconnects it. */
  async producer(): Promise<Producer> {
    const createPartitioner = Partitioners.DefaultPartitioner
    const producer = this.client().producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    return producer
  }

  /** Ends it as the machine's failure would. It keeps its data for `restart`. */
  async kill(): Promise<void> {
    this.#end('SIGKILL')
    await this.#exited
  }

  /** Ends it in good order while it runs, and starts it with the same ports and data. */
  async restart(): Promise<void> {
    this.#end('SIGTERM')
    await this.#exited
    if (this.folder === undefined) throw new Error('a broker of KAFKA_BROKERS cannot be started')
    this.#start(this.folder)
    await this.#ready(this.folder)
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    this.#end('SIGKILL')
    await this.#exited
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true })
  }

  #start(folder: string): void {
    const log = openSync(join(folder, 'kafka.log'), 'a')
    const args = [...javaArguments('384m'), 'kafka.Kafka', join(folder, 'server.properties')]
    const child = spawn('java', args, { stdio: ['ignore', log, log], detached: true })
    this.#exited = new Promise(resolve => child.once('error', resolve).once('exit', resolve)).then(() => {
      this.#watchdog?.kill('SIGKILL')
      this.#process = undefined
    })
    this.#process = child
    child.unref()
    // Its input ends when this process does, even by SIGKILL.
    const guard = 'cat > /dev/null; kill -9 "$0"; rm -rf "$1"'
    const watchdog = spawn('sh', ['-c', guard, String(child.pid), folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    watchdog.unref()
    ;(watchdog.stdin as unknown as { unref(): void }).unref()
    this.#watchdog = watchdog
  }

  #end(signal: NodeJS.Signals): void {
    this.#process?.ref()
    this.#process?.kill(signal)
  }

  /** Waits until it answers, and its group coordinator with it. */
  async #ready(folder: string): Promise<void> {
    const deadline = Date.now() + PATIENCE * 1000
    for (;;) {
      try {
        await this.#withAdmin(admin => admin.fetchOffsets({ groupId: 'probe', topics: [] }))
        return
      } catch (error) {
        if (this.#process && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 100))
        else throw new Error(`Kafka does not start (${error}):\n${readFileSync(join(folder, 'kafka.log'), 'utf8')}`)
      }
    }
  }

  async #withAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const retry = { retries: 5, initialRetryTime: 50, maxRetryTime: 400 }
    const admin = this.client({ retry, connectionTimeout: 1000 }).admin()
    try {
      await admin.connect()
      return await work(admin)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }
}
