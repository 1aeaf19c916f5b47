import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

const { resolve } = createRequire(import.meta.url)

/** Files of installed packages that the page uses, by their paths. */
const FILES: Readonly<Record<string, { readonly type: string; readonly file: () => string }>> = {
  '/vendor/uPlot.esm.js': {
    type: 'text/javascript; charset=utf-8',
    file: () => resolve('uplot/dist/uPlot.esm.js'),
  },
  '/vendor/uPlot.min.css': { type: 'text/css; charset=utf-8', file: () => resolve('uplot/dist/uPlot.min.css') },
}

/** A file under `/vendor/`, or undefined when none is served there. */
export async function readVendor(path: string): Promise<{ type: string; body: Buffer } | undefined> {
  if (!Object.hasOwn(FILES, path)) return undefined
  const { type, file } = FILES[path]
  return { type, body: await readFile(file()) }
}
