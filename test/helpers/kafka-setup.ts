import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a broker of the tests knows its users by, on the listeners with SASL. */
export const SASL_USER = { username: 'alice', password: 'open sesame' }

const STORE_PASSWORD = 'a-key-store-of-tests'

/** Ports of a broker's listeners. */
export type Ports = Record<'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL' | 'CONTROLLER', number>

/** Where `.ci/kafka-jars` puts the jars of the version that test/fixtures/kafka/pom.xml names. */
export function kafkaJars(): string {
  const pom = readFileSync(fileURLToPath(new URL('../fixtures/kafka/pom.xml', import.meta.url)), 'utf8')
  const version = /<version>(.*?)<\/version>/.exec(pom)![1]
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'auscult', 'kafka', version)
}

/**
 * Client code of the JVM is enough for tests, and starts twice as fast; so it does with the classes that `.ci/kafka-jars` saved. A JVM
 * or jars that they are not of do without.
 */
export const javaArguments = (heap: string) => [
  ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', `-Xmx${heap}`],
  ...(existsSync(`${kafkaJars()}.jsa`)
    ? [`-XX:SharedArchiveFile=${kafkaJars()}.jsa`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off']
    : []),
  ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', `${kafkaJars()}/*`],
]

/** Runs a program to its end. @throws an Error with its output when it fails */
export async function runTool(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data))
  const code = await new Promise(resolve => child.once('error', resolve).once('close', resolve))
  if (code !== 0) throw new Error(`${program} failed (${code}): ${output}`)
}

/**
 * A port of 127.0.0.1 that nothing listens on. It lies below those that the kernel gives to clients, or a client that
 * tries to reach a broker that is down could be given the broker's port, and meet itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 15_000)
    const server = createServer()
    const isFree = await new Promise(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise(resolve => server.close(resolve))
    return port
  }
}

/** Makes a key and its self-signed certificate for 127.0.0.1 and localhost. @returns the certificate's file, PEM */
export async function makeCertificate(folder: string): Promise<string> {
  const store = ['-keystore', join(folder, 'server.p12'), '-storepass', STORE_PASSWORD, '-alias', 'server']
  const subject = ['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-validity', '30']
  await runTool('keytool', ['-genkeypair', '-storetype', 'PKCS12', '-keyalg', 'EC', ...subject, ...store])
  const file = join(folder, 'ca.pem')
  await runTool('keytool', ['-exportcert', '-rfc', '-file', file, ...store])
  return file
}

/** Writes server.properties for one node that is broker and controller. @returns the file */
export function writeProperties(folder: string, ports: Partial<Ports>, more: Record<string, string | number>): string {
  const names = Object.keys(ports)
  const listeners = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`)
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.CONTROLLER}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: listeners.join(','),
    'listener.security.protocol.map': names
      .map(name => `${name}:${name === 'CONTROLLER' ? 'PLAINTEXT' : name}`)
      .join(','),
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'false',
    // A killed broker is let in again only when its session has ended.
    'broker.session.timeout.ms': 2000,
    'broker.heartbeat.interval.ms': 400,
    ...(ports.SASL_PLAINTEXT && saslProperties(['sasl_plaintext', 'sasl_ssl'])),
    ...(ports.SSL && {
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': join(folder, 'server.p12'),
      'ssl.keystore.password': STORE_PASSWORD,
    }),
    ...more,
  }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  const file = join(folder, 'server.properties')
  writeFileSync(file, lines.join(''))
  return file
}

function saslProperties(listeners: readonly string[]): Record<string, string> {
  const { username, password } = SASL_USER
  const modules = {
    plain: `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`,
    'scram-sha-256': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'scram-sha-512': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  }
  const entries = listeners.flatMap(listener =>
    Object.entries(modules).map(([name, module]) => [`listener.name.${listener}.${name}.sasl.jaas.config`, module]),
  )
  return { 'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512', ...Object.fromEntries(entries) }
}

/** Arguments of the storage tool that make the SCRAM users known. */
export const scramUsers = (): string[] =>
  ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap(mechanism => [
    '--add-scram',
    `${mechanism}=[name=${SASL_USER.username},password=${SASL_USER.password}]`,
  ])
