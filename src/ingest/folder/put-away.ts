import { copyFile, mkdir, rename, stat, unlink } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'

/** Moves a file into a folder, under a name that is free there. Across disks it is copied and deleted. */
export async function moveInto(folder: string, name: string, path: string): Promise<void> {
  const wanted = join(folder, name)
  await mkdir(dirname(wanted), { recursive: true })
  const target = await freeName(wanted)
  try {
    await rename(path, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await copyFile(path, target)
    await unlink(path)
  }
}

/** `a.wav`, `a-1.wav`, `a-2.wav`, … */
export async function freeName(path: string): Promise<string> {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  for (let i = 0; ; i++) {
    const candidate = i === 0 ? path : `${stem}-${i}${extension}`
    if (!(await stat(candidate).catch(() => undefined))) return candidate
  }
}
