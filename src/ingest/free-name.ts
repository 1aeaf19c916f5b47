import { stat } from 'node:fs/promises'
import { extname } from 'node:path'

/** `a.wav`, or the first of `a-1.wav`, `a-2.wav`, … that does not exist. */
export async function freeName(path: string): Promise<string> {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  for (let i = 0; ; i++) {
    const candidate = i === 0 ? path : `${stem}-${i}${extension}`
    if (!(await stat(candidate).catch(() => undefined))) return candidate
  }
}
