import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import util from 'node:util'

const require = createRequire(import.meta.url)

/** The optional packages that bring TensorFlow's library, best first, and how Node finds each: beside Auscult, or in NODE_PATH. */
const MANIFESTS = {
  '@tensorflow/tfjs-node-gpu': () => require.resolve('@tensorflow/tfjs-node-gpu/package.json'),
  '@tensorflow/tfjs-node': () => require.resolve('@tensorflow/tfjs-node/package.json'),
}

export type TfjsPackageName = keyof typeof MANIFESTS
export const TFJS_PACKAGES = Object.keys(MANIFESTS) as TfjsPackageName[]

/** The major version that fits the tfjs-core of this package. */
const MAJOR = '4'

export interface TfjsPackage {
  readonly name: TfjsPackageName
  readonly version: string
  readonly folder: string
}

/** The package where it is installed, whether it works or not. */
export function findTfjsPackage(name: TfjsPackageName): TfjsPackage | undefined {
  try {
    const manifest = MANIFESTS[name]()
    const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
    return { name, version, folder: dirname(manifest) }
  } catch {
    return undefined
  }
}

/** Loads the package, which registers TensorFlow.js's backend `tensorflow`. @throws Error in the package's own words, or of another version */
export function requireTfjsPackage({ folder, version }: TfjsPackage): void {
  if (version.split('.')[0] !== MAJOR) throw new Error(`it is version ${version}, and ${MAJOR}.x is needed`)
  restoreRemovedFunctions()
  require(folder)
}

/** Node 23 removed functions that tfjs-node 4.22 still calls. */
function restoreRemovedFunctions(): void {
  const functions = util as unknown as Record<string, unknown>
  functions.isArray ??= Array.isArray
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
}

/** What mends a package that is absent, or that is there and does not load. */
export const installRemedy = (name: TfjsPackageName): string =>
  `npm install ${name}@${MAJOR} --ignore-scripts=false (its install script fetches TensorFlow's library)`
export const repairRemedy = (name: TfjsPackageName): string =>
  `npm rebuild ${name} --ignore-scripts=false --build-addon-from-source`
