import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenFile, openFile } from '../../src/disk.ts'

export interface SmallDisk {
  readonly folder: string
  readonly openFile: OpenFile
  /** Whether it is one in fact, or a stand-in. */
  readonly isReal: boolean
  /** Makes it four times as large. */
  grow(): void
  remove(): void
}

/** A disk of so many kibibytes: a tmpfs where this process may mount one, else a stand-in that counts what is written. */
export function smallDisk(kibibytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'auscult-disk-'))
  const mount = (options: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0
  if (mount(`size=${kibibytes}k`)) {
    return {
      folder,
      openFile,
      isReal: true,
      grow: () => void mount(`remount,size=${4 * kibibytes}k`),
      remove: () => {
        spawnSync('umount', ['-l', folder])
        rmSync(folder, { recursive: true, force: true })
      },
    }
  }
  return {
    folder,
    isReal: false,
    remove: () => rmSync(folder, { recursive: true, force: true }),
    ...counting(kibibytes),
  }
}

function counting(kibibytes: number): Pick<SmallDisk, 'openFile' | 'grow'> {
  let room = kibibytes * 1024
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  return {
    grow: () => {
      room += 3 * kibibytes * 1024
    },
    openFile: async path => {
      const file = await openFile(path)
      let size = 0
      const write = async (bytes: Uint8Array, position: number) => {
        const added = Math.max(0, position + bytes.length - size)
        if (added > room) {
          // As a disk does it: as much as there is room for, then the error.
          await file.write(bytes.subarray(0, bytes.length - added + room), position)
          throw full()
        }
        room -= added
        size += added
        await file.write(bytes, position)
      }
      return { ...file, write }
    },
  }
}
