import { type FileHandle, open } from 'node:fs/promises'

/** A file that is written. An interface, so that a test can have a full disk. */
export interface DiskFile {
  /** All of the bytes, or an error. */
  write(bytes: Uint8Array, position: number): Promise<void>
  truncate(size: number): Promise<void>
  /** Waits until what was written is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Makes a new file. @throws the error of the system */
export type OpenFile = (path: string) => Promise<DiskFile>

export const openFile: OpenFile = async path => {
  const handle = await open(path, 'w')
  return {
    write: (bytes, position) => writeAll(handle, bytes, position),
    truncate: size => handle.truncate(size),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

/** A disk that fills up takes a part of the bytes before it refuses. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
