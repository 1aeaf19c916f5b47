import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * The file of a folder that a URL path names (`/` is index.html), or undefined when there is none. Never leaves the
 * folder, not by `..`, encodings or symbolic links, and serves known types only.
 */
export async function readStatic(folder: string, path: string): Promise<{ type: string; body: Buffer } | undefined> {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (name.includes('\0') || name.includes('\\')) return undefined
  if (name.endsWith('/')) name += 'index.html'
  const type = TYPES[extname(name)]
  if (!type) return undefined
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, name))])
    if (!file.startsWith(root + sep)) return undefined
    return { type, body: await readFile(file) }
  } catch {
    return undefined
  }
}
