import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * A sibling module for a worker thread or a dynamic import: `.js` when run from dist, `.ts` when run from the sources.
 * @param path without extension, relative to `base`, for example `'./scorer-worker'`
 * @param base the caller's `import.meta.url`
 */
export function moduleUrl(path: string, base: string): URL {
  return new URL(`${path}${extname(new URL(base).pathname)}`, base)
}

/**
 * Limits of a worker thread that mostly computes in native code and typed arrays. Without them its garbage grows to tens of megabytes before it
 * is looked at.
 */
export const SMALL_HEAP = { maxYoungGenerationSizeMb: 4 } as const

/**
 * Flags that let a worker thread run the module: TypeScript goes through tsx, which only developers have. `--import tsx`
 * alone does not do, since tsx then registers itself in the main thread only.
 */
export function workerFlags(module: URL): string[] {
  if (!module.pathname.endsWith('.ts')) return []
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(/\.cjs$/, '.mjs')
  return ['--import', `data:text/javascript,import { register } from '${tsx}'; register()`]
}
