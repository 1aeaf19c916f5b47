import { checkBrokers } from './brokers.ts'
import { checkBundle } from './bundle.ts'
import type { Check, Diagnosis, Section } from './check.ts'
import { checkDevices } from './devices.ts'
import { checkFolders } from './folders.ts'
import { type Needs, readNeeds } from './needs.ts'
import { checkPort } from './port.ts'
import { checkRecorders } from './recorders.ts'
import { checkTfjs } from './tfjs.ts'
import { checkVersions } from './versions.ts'

export interface DoctorOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Called for each section, in order, as soon as it is known. */
  readonly onSection?: (section: Section) => void
}

/**
 * The whole of `auscult doctor`: looks at all that a configuration of `auscult run` or `auscult train` needs. Nothing is changed, and no
 * secret is told.
 * @throws AUSCULT_INPUT_MISSING, AUSCULT_CONFIG when the configuration cannot be read
 */
export async function examine(file: string | undefined, options: DoctorOptions = {}): Promise<Diagnosis> {
  const { env = process.env, onSection } = options
  const needs = readNeeds(file, env)
  const sections: Section[] = []
  for (const [title, checks] of begin(needs, env)) {
    const section = { title, checks: await checks }
    sections.push(section)
    onSection?.(section)
  }
  const ok = sections.every(({ checks }) => checks.every(({ state }) => state !== 'failed'))
  return { ok, config: needs.config, sections }
}

/** All at once; those that take long are shown last. */
function begin(needs: Needs, env: NodeJS.ProcessEnv): [string, Promise<Check[]> | Check[]][] {
  const devices = checkDevices(needs.engine)
  const tfjs = checkTfjs(needs.engine)
  const brokers = checkBrokers(needs.kafka, env)
  return [
    ['versions', checkVersions()],
    ['devices of the engine onnx', devices],
    ['backends of the engine tfjs', tfjs],
    ['recorders', checkRecorders(needs.recorders, env.PATH)],
    ['model', Promise.all([devices, tfjs]).then(checks => checkBundle(onWhatWorks(needs, checks.flat())))],
    ['store', checkFolders(needs.folders)],
    ['ports', checkPort(needs.http)],
    ['kafka', brokers],
  ]
}

/** A device that fails has its own line: the model is then loaded on the CPU. */
const onWhatWorks = (needs: Needs, devices: readonly Check[]): Needs =>
  devices.some(({ state }) => state === 'failed') ? { ...needs, engine: { ...needs.engine, device: 'cpu' } } : needs
