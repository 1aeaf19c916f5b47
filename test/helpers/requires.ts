import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaJars } from './kafka-setup.ts'

/**
 * What some suites need beyond Node and the registry. Each function returns where the thing is, or undefined after one line that says
 * what is missing; with CI=true it throws instead, so that nothing is skipped unseen. Use: `describe.skipIf(!data)(…)`.
 */
function found(path: string | undefined, what: string): string | undefined {
  if (path && existsSync(path)) return path
  if (process.env.CI === 'true') throw new Error(`CI=true, but ${what} is missing`)
  console.warn(`skipped: ${what} is missing`)
  return undefined
}

const project = fileURLToPath(new URL('../../', import.meta.url))

/** Root of the project, with a trailing slash. */
export const PROJECT = project

/** Folder of real recordings and frames, optionally a folder in it. */
export const sharedData = (folder = '') =>
  found(join(project, '../shared/data', folder), `real data (../shared/data/${folder})`)

/** Where `npm run bench -- --peers` makes its Python environment, and `.ci/run` one with a part of its packages. */
export const peersFolder = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'auscult', 'peers')

/** A Python with the packages of test/bench/requirements-test.txt: AUSCULT_PYTHON, or that environment's. @param modules must be in it */
export function python(...modules: string[]): string | undefined {
  const path = process.env.AUSCULT_PYTHON ?? join(peersFolder(), 'bin', 'python')
  const interpreter = found(path, 'Python with the peers (npm run bench -- --peers makes it)')
  if (!interpreter || modules.length === 0) return interpreter
  const code = `import importlib.util as u; print(*[m for m in ${JSON.stringify(modules)} if u.find_spec(m) is None])`
  const missing = spawnSync(interpreter, ['-c', code], { encoding: 'utf8' }).stdout.trim()
  return found(missing === '' ? interpreter : undefined, `the Python package ${missing}`)
}

/** Debian's Chromium, without windows where there is that build: it takes half the processor time. */
export const chromium = () =>
  found(
    ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync),
    'Chromium (/usr/bin/chromium, Debian package chromium-headless-shell or chromium)',
  )

/** Checks expositions, rules and queries. */
export const promtool = () => found('/usr/bin/promtool', 'promtool (/usr/bin/promtool, Debian package prometheus)')

export const prometheus = () =>
  found('/usr/bin/prometheus', 'Prometheus (/usr/bin/prometheus, Debian package prometheus)')

export const alertmanager = () =>
  found(
    '/usr/bin/prometheus-alertmanager',
    'Alertmanager (/usr/bin/prometheus-alertmanager, Debian package prometheus-alertmanager)',
  )

/** Checks configurations of Alertmanager. */
export const amtool = () => found('/usr/bin/amtool', 'amtool (/usr/bin/amtool, Debian package prometheus-alertmanager)')

/** Vulkan driver of SwiftShader, for the WebGPU provider without a GPU. */
export const swiftshader = () =>
  found('/usr/lib/chromium/vk_swiftshader_icd.json', 'SwiftShader (from the Debian package chromium)')

/** Plays and records sound. */
export const sox = () => found('/usr/bin/sox', 'sox (/usr/bin/sox, Debian package sox)')

/** A sound server that needs no sound card, with what sox and ALSA need to reach it. */
export function pulseaudio(): string | undefined {
  const plugin = (path: string, what: string) =>
    found(folders.map(folder => `${folder}/${path}`).find(existsSync), what)
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map(name => `/usr/lib/${name}`) : []
  return (
    plugin('sox/libsox_fmt_pulseaudio.so', 'PulseAudio for sox (Debian package libsox-fmt-pulse)') &&
    plugin('alsa-lib/libasound_module_pcm_pulse.so', 'PulseAudio for ALSA (Debian package libasound2-plugins)') &&
    found('/usr/bin/arecord', 'arecord (/usr/bin/arecord, Debian package alsa-utils)') &&
    found('/usr/bin/pulseaudio', 'PulseAudio (/usr/bin/pulseaudio, Debian package pulseaudio)')
  )
}

/** Jars of an Apache Kafka, for a broker that a suite may kill. */
export const kafkaOfOurs = () => found(kafkaJars(), 'Apache Kafka (.ci/kafka-jars fetches it)')

/** Something that `startBroker` can give: the brokers of KAFKA_BROKERS, or one of ours. */
export const kafka = () => process.env.KAFKA_BROKERS || kafkaOfOurs()

/** Go, for the loader of `docker compose`; `.ci/run` brings one where there is none. */
export function go(): string | undefined {
  const places = ['/usr/local/go/bin/go', join(peersFolder(), 'bin', 'go'), '/usr/bin/go']
  return found(places.find(existsSync), 'Go (https://go.dev/dl, 1.24 or later)')
}

/** The client of Kubernetes, which has kustomize in it. */
export const kubectl = () => found(['/usr/bin/kubectl', '/usr/local/bin/kubectl'].find(existsSync), 'kubectl')

/** Checks units without running them. */
export const systemdAnalyze = () =>
  found('/usr/bin/systemd-analyze', 'systemd-analyze (/usr/bin/systemd-analyze, Debian package systemd)')

/** The folder with tfjs-node, tfjs-node-gpu and a newer Node. */
export const tfjsNode = () =>
  found(join(dirname(peersFolder()), 'tfjs-node'), 'tfjs-node (test/tfjs-node/build.sh builds it)')
