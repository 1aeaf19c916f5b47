import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { PROJECT } from './requires.ts'

export interface SourceFile {
  /** Relative to src, for example `model/tf.ts`. */
  readonly path: string
  readonly lines: number
  /** Files of src that it names, static, dynamic, as a type, or as the module of a worker thread. */
  readonly files: readonly string[]
  /** Those of them that exist when it runs: all but types. */
  readonly runtimeFiles: readonly string[]
  /** Third-party packages that it imports, loads by name or looks up. */
  readonly packages: readonly string[]
  /** Arguments of `import(…)` that are no string. */
  readonly computed: readonly string[]
}

const SRC = join(PROJECT, 'src')

/** A module's name after `from`, `import`, `import(`, `resolve(` or `moduleUrl(`, or as the target of a pino transport. */
const NAMED =
  /(?:\b(import|export)\s+(type\s)?[^'";]*?\bfrom\s*|\bimport(?:\s+|\(\s*)|\b(?:resolve|moduleUrl)\(\s*|\btarget:\s*)'([^'\n$]+)'/g
const COMPUTED = /\bimport\(\s*([^')\s][^)]*)\)/g

/** Every file of src with what it imports. */
export function sourceTree(): SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => path.replaceAll('\\', '/'))
    .sort()
    .map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(SRC, path), 'utf8')
  const code = withoutComments(text)
  const named = [...code.matchAll(NAMED)].map(([, , type, name]) => ({ name, type: type !== undefined }))
  const local = named
    .filter(({ name }) => name.startsWith('.'))
    .map(({ name, type }) => ({ type, file: relative(SRC, join(SRC, dirname(path), name)).replaceAll('\\', '/') }))
    .filter(({ file }) => !file.startsWith('..'))
    .map(({ file, type }) => ({ type, file: file.endsWith('.ts') ? file : `${file}.ts` }))
  const packages = named.map(({ name }) => name).filter(name => !/^(\.|node:)/.test(name))
  return {
    path,
    lines: text.split('\n').length - 1,
    files: unique(local.map(({ file }) => file)),
    runtimeFiles: unique(local.filter(({ type }) => !type).map(({ file }) => file)),
    packages: unique(packages.map(packageOf)),
    computed: [...code.matchAll(COMPUTED)].map(match => match[1]),
  }
}

/** `@tensorflow/tfjs-core/dist/x.js` → `@tensorflow/tfjs-core`, `protobufjs/light.js` → `protobufjs`. */
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort()
