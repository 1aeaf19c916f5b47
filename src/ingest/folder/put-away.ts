import { copyFile, mkdir, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freeName } from '../free-name.ts'

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
