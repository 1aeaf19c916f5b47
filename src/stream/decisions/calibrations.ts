import { z } from '../../config.ts'
import { AuscultError } from '../../errors.ts'
import { fingerprint } from '../../model/calibration.ts'
import { type RecalibrationRecord, recalibrationRecordSchema, reversed } from '../../model/drift/recalibrate.ts'
import { type Calibration, calibrationSchema } from '../../model/manifest.ts'

/** Recalibrations of a source that can be taken back. */
const MOST_RECORDS = 10

const savedSchema = z.strictObject({
  version: z.literal(1),
  source: z.string(),
  current: calibrationSchema,
  /** Oldest first. */
  records: z.array(recalibrationRecordSchema).max(MOST_RECORDS),
})

type Saved = z.infer<typeof savedSchema>

interface States {
  state(key: string): Promise<unknown>
  states(prefix: string): Promise<Map<string, unknown>>
}

/** A saved value that cannot be used. */
export interface Refused {
  readonly key: string
  readonly raw: unknown
  readonly error: AuscultError
}

/** A calibration as the next one to be in force, with what is to be stored for that. */
export interface CalibrationChange {
  readonly source: string
  readonly calibration: Calibration
  readonly state: Readonly<Record<string, unknown>>
  /** How many recalibrations can be taken back now. */
  readonly left: number
}

/**
 * Calibrations of sources that were calibrated anew, each with the way back. In memory is only what is in force. They belong to the
 * bundle whose scores they are of: under another bundle they wait.
 */
export class Calibrations {
  readonly #store: States
  readonly #bundle: Calibration
  readonly #prefix: string
  readonly #current = new Map<string, Calibration>()

  constructor(store: States, bundle: Calibration) {
    this.#store = store
    this.#bundle = bundle
    this.#prefix = `decisions/calibrations/${fingerprint(bundle)}/`
  }

  /** Sources with a calibration of their own. */
  get sources(): string[] {
    return [...this.#current.keys()]
  }

  of(source: string | undefined): Calibration {
    return (source === undefined ? undefined : this.#current.get(source)) ?? this.#bundle
  }

  /** Reads what is stored. @returns what cannot be used @throws AUSCULT_STATE */
  async load(): Promise<Refused[]> {
    const refused: Refused[] = []
    for (const [key, raw] of await this.#store.states(this.#prefix)) {
      const { success, data, error } = savedSchema.safeParse(raw)
      if (success) this.#current.set(data.source, data.current)
      else refused.push({ key, raw, error: damaged(key, error) })
    }
    return refused
  }

  /** Puts a source back to the bundle's calibration, in memory only. */
  drop(source: string): void {
    this.#current.delete(source)
  }

  async added(record: RecalibrationRecord): Promise<CalibrationChange> {
    const { source, after: current } = record
    const before = await this.#saved(source)
    const records = [...(before?.records ?? []), record].slice(-MOST_RECORDS)
    return this.#change({ version: 1, source, current, records })
  }

  /** The latest recalibration taken back. @throws AUSCULT_RECALIBRATION when there is none */
  async reverted(source: string, by: { who: string; when: number; why: string }): Promise<CalibrationChange> {
    const saved = await this.#saved(source)
    const last = saved?.records.at(-1)
    if (!saved || !last) {
      throw new AuscultError('AUSCULT_RECALIBRATION', 'no recalibration of this source can be taken back', {
        at: source,
        remedy: `It has its first calibration, or that of ${MOST_RECORDS} recalibrations ago.`,
      })
    }
    return this.#change({ ...saved, current: reversed(last, by).after, records: saved.records.slice(0, -1) })
  }

  /** The change is durable. */
  put({ source, calibration }: CalibrationChange): void {
    if (fingerprint(calibration) === fingerprint(this.#bundle)) this.#current.delete(source)
    else this.#current.set(source, calibration)
  }

  #change(saved: Saved): CalibrationChange {
    const { source, current, records } = saved
    const isFirst = records.length === 0 && fingerprint(current) === fingerprint(this.#bundle)
    const state = { [`${this.#prefix}${source}`]: isFirst ? undefined : saved }
    return { source, calibration: current, state, left: records.length }
  }

  async #saved(source: string): Promise<Saved | undefined> {
    const raw = await this.#store.state(`${this.#prefix}${source}`)
    return raw === undefined ? undefined : savedSchema.safeParse(raw).data
  }
}

function damaged(key: string, { issues: [{ path, message }] }: z.ZodError): AuscultError {
  const problem = `a saved calibration cannot be used: ${path.join('.') || '(top level)'}: ${message}`
  return new AuscultError('AUSCULT_STATE', problem, {
    at: key,
    remedy:
      'It is of another version or was changed. The source has the calibration of the bundle until it is calibrated anew.',
  })
}
