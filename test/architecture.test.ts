import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT } from './helpers/requires.ts'
import { type SourceFile, sourceTree } from './helpers/source-tree.ts'

/** Who may import whom; index.ts, the package's API, is of the tier of cli.ts. Files of one tier may import each other, except where a tier is not listed in its own line. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  cli: ['ctl', 'demo', 'doctor', 'daemon', 'record', 'train', 'ingest', 'stream', 'model', 'root'],
  ctl: ['ctl', 'stream', 'root'],
  demo: ['demo', 'daemon', 'train', 'root'],
  doctor: ['doctor', 'daemon', 'train', 'ingest', 'stream', 'model', 'root'],
  daemon: ['daemon', 'ingest', 'stream', 'model', 'root'],
  record: ['ingest', 'model', 'root'],
  train: ['train', 'ingest', 'model', 'root'],
  stream: ['stream', 'model', 'root'],
  ingest: ['ingest', 'root'],
  model: ['model', 'root'],
  root: ['root'],
}

/** The one file (the second looks up where the package lies) that each third-party package is imported by. */
const SOLE_IMPORTERS: Record<string, readonly string[]> = {
  '@alexanderolsen/libsamplerate-js': ['ingest/resample.ts'],
  '@cornerstonejs/codec-libjpeg-turbo-8bit': ['ingest/image/jpeg-codec.ts'],
  '@tensorflow/tfjs-backend-cpu': ['model/tf.ts'],
  '@tensorflow/tfjs-core': ['model/tf.ts'],
  '@tensorflow/tfjs-layers': ['model/tf.ts'],
  '@tensorflow/tfjs-node': ['model/engines/tfjs-packages.ts'],
  '@tensorflow/tfjs-node-gpu': ['model/engines/tfjs-packages.ts'],
  commander: ['cli.ts', 'ctl/command.ts'],
  fflate: ['ingest/npz.ts'],
  fzstd: ['ingest/kafka/compression/zstd.ts'],
  kafkajs: ['kafka.ts'],
  libsql: ['stream/store/open.ts'],
  'ml-kmeans': ['model/clusters/lloyd.ts'],
  'mpg123-decoder': ['ingest/mp3/mp3.ts'],
  'node-record-lpcm16': ['ingest/microphone/recorder-process.ts'],
  ogv: ['ingest/ogg/codecs.ts'],
  'onnxruntime-node': ['model/engines/cuda.ts', 'model/engines/onnx-session.ts'],
  pino: ['logger.ts'],
  'pino-pretty': ['logger.ts'],
  pngjs: ['ingest/image/png.ts'],
  'prom-client': ['stream/metrics/exposition.ts'],
  protobufjs: ['model/onnx/schema.ts'],
  tinyglobby: ['ingest/files-glob.ts'],
  tsx: ['worker-url.ts'],
  'umap-js': ['model/map/umap.ts'],
  uplot: ['stream/http/vendor.ts'],
  ws: ['stream/websocket/connection.ts'],
  yaml: ['config.ts'],
  zod: ['config.ts'],
}

/** Workers and engines that are chosen while running. */
const COMPUTED_IMPORTS = { 'stream/scorer-worker.ts': ['loader'] }

const tree = sourceTree()
const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))

function tierOf(path: string): string {
  const [folder, ...rest] = path.split('/')
  if (rest.length > 0) return folder
  const tiers: Record<string, string> = {
    'cli.ts': 'cli',
    'index.ts': 'cli',
    'daemon.ts': 'daemon',
    'daemon-config.ts': 'daemon',
    'analysis.ts': 'daemon',
    'record.ts': 'record',
  }
  return tiers[path] ?? 'root'
}

/** A round trip along imports that exist at run time, if there is one. */
function findCycle(files: readonly SourceFile[]): string[] | undefined {
  const imports = new Map(files.map(file => [file.path, file.runtimeFiles]))
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const next of imports.get(path) ?? []) {
      const cycle = walk(next, [...trail, path])
      if (cycle) return cycle
    }
    done.add(path)
    return undefined
  }
  for (const { path } of files) {
    const cycle = walk(path, [])
    if (cycle) return cycle
  }
  return undefined
}

describe('imports', () => {
  it('go from tier to tier as DESIGN says', () => {
    const breaches = tree.flatMap(({ path, files }) =>
      files
        .filter(file => !MAY_IMPORT[tierOf(path)]?.includes(tierOf(file)))
        .map(file => `${path} (${tierOf(path)}) imports ${file} (${tierOf(file)})`),
    )
    expect(breaches).toEqual([])
  })

  it('name files that exist', () => {
    const paths = tree.map(file => file.path)
    const unknown = tree.flatMap(({ path, files }) =>
      files.filter(file => !paths.includes(file)).map(file => `${path}: ${file}`),
    )
    expect(unknown).toEqual([])
  })

  it('have no cycles', () => {
    expect(findCycle(tree)?.join(' → ')).toBeUndefined()
  })

  it('are computed only where they must be', () => {
    const computed = tree.filter(file => file.computed.length > 0).map(file => [file.path, file.computed])
    expect(Object.fromEntries(computed)).toEqual(COMPUTED_IMPORTS)
  })
})

describe('third-party packages', () => {
  it('have one importing file each', () => {
    const names = new Set(tree.flatMap(file => file.packages))
    const importers = [...names].map(name => [
      name,
      tree.filter(file => file.packages.includes(name)).map(file => file.path),
    ])
    expect(Object.fromEntries(importers)).toEqual(SOLE_IMPORTERS)
  })

  it('are dependencies, and no dependency is unused', () => {
    const optional = Object.keys(manifest.peerDependencies ?? {})
    const known = [...Object.keys(manifest.dependencies), ...optional, 'tsx'].sort()
    expect(Object.keys(SOLE_IMPORTERS).sort()).toEqual(known)
  })
})

/** Packages that a file needs, itself or through others. */
function packagesBehind(path: string): string[] {
  const reached = new Set([path])
  for (const each of reached) for (const file of fileAt(each).runtimeFiles) reached.add(file)
  return [...new Set([...reached].flatMap(each => fileAt(each).packages))].sort()
}

const fileAt = (path: string): SourceFile => tree.find(file => file.path === path)!

describe('a configuration', () => {
  it.each(['daemon-config.ts', 'train/config.ts'])('of %s is read before anything heavy is loaded', path => {
    // The page's charts are served to browsers, not loaded.
    expect(packagesBehind(path).filter(name => name !== 'uplot')).toEqual(['yaml', 'zod'])
  })
})

describe('files', () => {
  const lengths = tree.map(file => file.lines).sort((a, b) => a - b)

  it('have at most 400 lines', () => {
    expect(tree.filter(file => file.lines > 400).map(file => `${file.path}: ${file.lines}`)).toEqual([])
  })

  it('have a median of at most 120 lines', () => {
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120)
  })
})

describe('sourceTree', () => {
  it('sees imports of every kind', () => {
    const file = (path: string) => tree.find(each => each.path === path)
    expect(file('cli.ts')?.runtimeFiles).toContain('train/command.ts')
    expect(file('cli.ts')?.files).toContain('config.ts')
    expect(file('daemon.ts')?.runtimeFiles).toContain('model/bundle-scorer.ts')
    expect(file('daemon.ts')?.runtimeFiles).not.toContain('types.ts')
    expect(file('model/architectures/stack.ts')?.runtimeFiles).toContain('model/gradients.ts')
    expect(file('index.ts')?.files).toContain('errors.ts')
  })
})
