import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const folder = fileURLToPath(new URL('test/', import.meta.url))

/** They compute. */
const COMPUTES = /^(ctl|ingest|model|stream|train)\//

/** Not only: they measure time or memory, set variables, or have threads, sockets, disks, brokers, sound cards or decoders in WebAssembly. */
const MORE = [
  /^ctl\/client/,
  /^ingest\/(microphone|record|folder|mp3|ogg|flac|image)\//,
  /^ingest\/(kafka\/kafka-|kafka\/compression\/|decode|real-data|files\.|memory)/,
  /^model\/(engines\/|bundle-scorer\.|clusters\/constant|clusters\/quality|map\/fit)/,
  /^stream\/(kafka|store|websocket|webhook|http|evidence|live-view)\//,
  /^stream\/(http|pipeline|scorer-pool|map\/map-thread|clusters\/cluster-keeper\.test)/,
  /^train\/(train\.|latents-thread|foreign\/|sweep\/sweep\.)/,
]

/** These only compute although they lie beside those, or elsewhere. */
const YET = [
  /^(bench\/ingest-search|dashboards\/grafana|demo\/(follower|judge)|doctor\/(folders|format|needs|versions))/,
  /^(budget|config-\w+|errors|kafka|kafka-error|lifecycle|progress|retry|threshold-text)\.test/,
  /^ingest\/(decoded|folder\/(arrivals|journal)|record\/(encoding|retention)|memory\.)/,
  /^ingest\/microphone\/(capture-clock|error-text|latest|pcm|stream-resampler)\./,
  /^stream\/(evidence\/(evidence-files|join|source-watch)|http\/(router|vendor)|live-view\/(picture|value-range))\./,
  /^stream\/(store\/group-writer|websocket\/(channel|decimator|frame|pages|query|rate))\./,
]

const isAny = (patterns: readonly RegExp[], path: string) => patterns.some(pattern => pattern.test(path))

const together = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.test.ts'))
  .filter(path => isAny(YET, path) || (COMPUTES.test(path) && !isAny(MORE, path)))
  .map(path => `test/${path}`)

/** For src only: its own test means the real one. */
const compiledThreads = { find: /^(\.\.?\/)+worker-url\.ts$/, replacement: `${folder}helpers/worker-url.ts` }
const resolve = { alias: [compiledThreads] }

const each = {
  setupFiles: ['test/helpers/priority.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // What a page shows comes when the machine has time for it.
  expect: { poll: { timeout: 10_000 } },
  pool: 'forks' as const,
  // Many wait for brokers, disks and time more than they compute.
  maxWorkers: 3,
}

export default defineConfig({
  test: {
    globalSetup: ['test/helpers/build.ts'],
    maxWorkers: each.maxWorkers,
    coverage: { provider: 'v8', include: ['src/**'] },
    // One after the other in the order of their names: those that compute fill what the long ones leave.
    projects: [
      { resolve, test: { ...each, name: 'alone', include: ['test/**/*.test.ts'], exclude: together } },
      // A process runs many files and loads what they import once.
      { resolve, test: { ...each, name: 'together', include: together, isolate: false } },
    ],
  },
})
