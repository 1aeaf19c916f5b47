import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { AuscultError } from '../../errors.ts'
import { type MicrophoneSourceConfig, RECORDERS, type RecorderName } from './config.ts'

/**
 * The recorder to use. Looks anew at each call, so that one that is installed later is found.
 * @param path folders to look in
 * @throws AUSCULT_RECORDER_MISSING, with the package to install
 */
export function findRecorder(wanted: MicrophoneSourceConfig['recorder'], path = process.env.PATH ?? ''): RecorderName {
  const candidates = wanted === 'auto' ? RECORDERS : [wanted]
  const found = candidates.find(name => isInstalled(name, path))
  if (found) return found
  const message = wanted === 'auto' ? 'none of sox, rec and arecord is installed' : `${wanted} is not installed`
  throw new AuscultError('AUSCULT_RECORDER_MISSING', message, { at: 'PATH', remedy: remedyFor(wanted), canRetry: true })
}

function isInstalled(name: string, path: string): boolean {
  const file = process.platform === 'win32' ? `${name}.exe` : name
  return path.split(delimiter).some(folder => folder !== '' && isExecutable(join(folder, file)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function remedyFor(wanted: MicrophoneSourceConfig['recorder']): string {
  if (wanted === 'arecord') return 'Install it: `apt install alsa-utils` on Debian and Ubuntu.'
  const sox = '`apt install sox libsox-fmt-pulse` on Debian and Ubuntu, `brew install sox` on macOS'
  return `Install it: ${sox}.`
}
