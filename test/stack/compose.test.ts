import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkConfig } from '../../src/config.ts'
import { daemonConfigSchema } from '../../src/daemon.ts'
import { COMPOSE_FILE, type ComposeProject, type ComposeService, loadCompose } from '../helpers/compose.ts'
import { amtool, go, PROJECT, promtool } from '../helpers/requires.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const { folder, write } = temporaryFolder()
const program = go()
const promtoolPath = promtool()
const amtoolPath = amtool()
const rulesFolder = join(PROJECT, 'dashboards/prometheus')
const text = (path: string) => readFileSync(join(PROJECT, 'dashboards', path), 'utf8')

interface Job {
  static_configs: { targets: string[] }[]
}

describe.skipIf(!program)('dashboards/compose.yml', () => {
  let project: ComposeProject
  let services: [string, ComposeService][]

  beforeAll(() => {
    project = loadCompose(program!, COMPOSE_FILE)
    services = Object.entries(project.services)
  }, 180_000)

  it('is refused by the loader when something is misspelt', () => {
    const file = write('compose.yml', 'services: { x: { image: y, restart_policy: always } }')
    expect(() => loadCompose(program!, file)).toThrow(/restart_policy/)
  })

  it('holds what one command is to start', () => {
    const names = ['alertmanager', 'auscult', 'grafana', 'kafka', 'player', 'prepare', 'prometheus', 'topics']
    expect(Object.keys(project.services)).toEqual(names)
    expect(project.services.auscult.build?.context).toBe(PROJECT.replace(/\/$/, ''))
  })

  it('names a version of every image that is not built here', () => {
    const foreign = services.filter(([, { build }]) => !build).map(([, { image }]) => image)
    for (const image of foreign) expect(image).toMatch(/^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/)
  })

  it('is reached from this computer only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.map(({ host_ip }) => host_ip)).toEqual(ports.map(() => '127.0.0.1'))
    expect(ports.map(({ published }) => published).sort()).toEqual(['3000', '8080', '9090', '9093', '9094'])
    const moved = loadCompose(program!, COMPOSE_FILE, { AUSCULT_PORT: '9999' }).services.auscult.ports
    expect(moved).toMatchObject([{ host_ip: '127.0.0.1', published: '9999', target: 8080 }])
  })

  it('gives no service more than it needs', () => {
    for (const [name, service] of services) {
      expect(service.cap_drop, name).toEqual(['ALL'])
      expect(service.security_opt, name).toEqual(['no-new-privileges:true'])
      expect(Number(service.mem_limit), name).toBeGreaterThan(0)
      expect(service.read_only ?? false, name).toBe(name !== 'kafka')
    }
  })

  it('starts again what is to run on, and waits for what is needed', () => {
    const once = ['prepare', 'topics']
    for (const [name, { restart, healthcheck, depends_on = {} }] of services) {
      expect(restart, name).toBe(once.includes(name) ? 'no' : 'unless-stopped')
      const isUnchecked = healthcheck?.disable === true
      // That of auscult is in its image.
      expect(isUnchecked || name === 'auscult' || healthcheck?.test !== undefined, name).toBe(true)
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe(once.includes(other) ? 'service_completed_successfully' : 'service_healthy')
        if (condition === 'service_healthy') expect(project.services[other].healthcheck?.disable).not.toBe(true)
      }
    }
  })

  it('keeps in named volumes what is to stay, and mounts files that exist', () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes)
    const named = mounts.filter(({ type }) => type === 'volume').map(({ source }) => source)
    expect([...new Set(named)].sort()).toEqual(Object.keys(project.volumes))
    const bound = mounts.filter(({ type }) => type === 'bind')
    expect(bound.filter(({ source }) => !existsSync(source))).toEqual([])
    expect(bound.filter(({ read_only }) => !read_only)).toEqual([])
  })

  it('holds no secret', () => {
    const variables = services.flatMap(([, { environment = {} }]) => Object.entries(environment))
    const secrets = variables.filter(([name]) => /TOKEN|PASSWORD|SECRET/.test(name) && !name.endsWith('_FILE'))
    expect(secrets).toEqual([['AUSCULT_HTTP_TOKEN', '']])
  })

  it('fits the configuration of the daemon', () => {
    const config = checkConfig(parse(text('stack/run.yaml')), daemonConfigSchema, 'run.yaml')
    const { auscult, prepare, player, kafka } = project.services
    const [state] = auscult.volumes!.filter(({ type }) => type === 'volume')
    const demo = prepare.command!.at(-1)!
    expect(demo.startsWith(`${state.target}/`)).toBe(true)
    expect(config.bundle).toBe(`${demo}/bundle`)
    expect(config.sources.fan).toMatchObject({ path: `${demo}/feed.wav` })
    expect(player.command!.at(-1)).toBe(`${demo}/feed.wav`)
    expect(config.store.path).toMatch(new RegExp(`^${state.target}/`))
    expect(auscult.environment!.AUSCULT_HTTP_TOKEN_FILE).toMatch(new RegExp(`^${state.target}/`))
    expect(auscult.ports![0].target).toBe(config.http.port)

    const inner = /INTERNAL:\/\/([\w:]+)/.exec(kafka.environment!.KAFKA_ADVERTISED_LISTENERS!)![1]
    const named = [config.sources.line, config.sinks.kafka].map(each => (each as { brokers: string[] }).brokers)
    expect([...named, [player.command![1]]]).toEqual([[inner], [inner], [inner]])
    const published = kafka.ports!.map(({ target }) => `EXTERNAL://:${target}`)
    expect(kafka.environment!.KAFKA_LISTENERS!.split(',')).toEqual(expect.arrayContaining(published))
  })

  it('has Prometheus ask the daemon, load the rules and tell Alertmanager', () => {
    const config = parse(text('stack/prometheus.yml'))
    const targets = config.scrape_configs.flatMap(({ static_configs: [{ targets }] }: Job) => targets)
    expect(targets).toContain(`auscult:${project.services.auscult.ports![0].target}`)
    const [{ static_configs }] = config.alerting.alertmanagers
    expect(static_configs[0].targets).toEqual([`alertmanager:${project.services.alertmanager.ports![0].target}`])
    const folders = project.services.prometheus.volumes!.filter(({ type }) => type === 'bind')
    for (const pattern of config.rule_files as string[]) {
      expect(
        folders.some(({ target }) => pattern.startsWith(`${target}/`)),
        pattern,
      ).toBe(true)
    }
  })

  it('has Alertmanager hold back what the sample configuration holds back', () => {
    const [mine, sample] = ['stack', 'prometheus'].map(name => parse(text(`${name}/alertmanager.yml`)))
    expect(mine.inhibit_rules).toEqual(sample.inhibit_rules)
    expect(mine.route.group_by).toEqual(sample.route.group_by)
  })

  it.skipIf(!promtoolPath || !amtoolPath)('has files that Prometheus and Alertmanager take', () => {
    const config = write('prometheus.yml', text('stack/prometheus.yml').replace('/etc/prometheus/rules', rulesFolder))
    const promtool = spawnSync(promtoolPath!, ['check', 'config', config], { encoding: 'utf8' })
    expect(promtool.status, promtool.stdout + promtool.stderr).toBe(0)
    expect(promtool.stdout).toMatch(/auscult\.rules\.yml/)
    const amtool = spawnSync(amtoolPath!, ['check-config', join(PROJECT, 'dashboards/stack/alertmanager.yml')])
    expect(amtool.status).toBe(0)
  })

  it('lets Grafana find its dashboards, and Prometheus at its address and pace', () => {
    const { volumes } = project.services.grafana
    const [provider] = parse(text('grafana/provisioning/dashboards/auscult.yml')).providers
    const mount = volumes!.find(({ target }) => target === provider.options.path)
    expect(mount?.source).toBe(join(PROJECT, 'dashboards/grafana'))
    const provisioned = volumes!.map(({ target }) => target).filter(target => target.includes('/provisioning/'))
    expect(provisioned.map(target => basename(target))).toEqual(['dashboards', 'datasources'])
    const { datasources } = parse(text('grafana/provisioning/datasources/auscult.yml'))
    const urls = datasources.map(({ url }: { url: string }) => url)
    const address = (name: string) => `http://${name}:${project.services[name].ports![0].target}`
    expect(urls).toEqual([address('prometheus'), address('alertmanager')])
    expect(datasources[0].jsonData.timeInterval).toBe(parse(text('stack/prometheus.yml')).global.scrape_interval)
  })

  it('makes every topic that is read or written', () => {
    const tool = write('kafka-topics.sh', '#!/bin/sh\necho "$@"\n')
    const { entrypoint, command } = project.services.topics
    const script = command![0].replace(/\S+kafka-topics\.sh/, `sh ${tool}`)
    const [shell, ...options] = entrypoint!
    const { stdout } = spawnSync(shell, [...options, script], { encoding: 'utf8' })
    const made = [...stdout.matchAll(/--create --if-not-exists --topic (\S+) --partitions (\d+)$/gm)]
    const config = parse(text('stack/run.yaml'))
    const used = [...config.sources.line.topics, config.sinks.kafka.events_topic]
    expect(made.map(([, topic, partitions]) => [topic, Number(partitions)])).toEqual([
      [used[0], 4],
      [used[1], 1],
    ])
  })

  it('gives Grafana a password of its own, once', () => {
    const { entrypoint, command, environment } = project.services.grafana
    const file = environment!.GF_SECURITY_ADMIN_PASSWORD__FILE!
    mkdirSync(join(folder, 'grafana'))
    const mine = join(folder, 'grafana/admin-password')
    const env = { PATH: process.env.PATH, GF_SECURITY_ADMIN_PASSWORD__FILE: mine }
    expect(file).toMatch(/^\/var\/lib\/grafana\//)
    const start = () => {
      const script = command![0].replace('exec /run.sh', 'exec cat "$password"')
      return spawnSync(entrypoint![0], [...entrypoint!.slice(1), script], { env, encoding: 'utf8' }).stdout
    }
    const password = start()
    expect(password).toMatch(/^[\w+/]{24}\n$/)
    expect(start()).toBe(password)
    expect(statSync(mine).mode & 0o777).toBe(0o600)
  })
})
