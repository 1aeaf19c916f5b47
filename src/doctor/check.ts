/** One thing that was looked at. */
export interface Check {
  readonly name: string
  /** `absent`: it is not there, and nothing here needs it. `failed`: it is needed. */
  readonly state: 'ok' | 'absent' | 'failed'
  /** What was found, for people. */
  readonly text: string
  /** What would mend it. */
  readonly remedy?: string
}

export interface Section {
  readonly title: string
  readonly checks: readonly Check[]
}

/** What `auscult doctor --json` prints. */
export interface Diagnosis {
  /** Whether all is there that the configuration needs; without one, that its defaults need. */
  readonly ok: boolean
  /** Null: none was given. */
  readonly config: string | null
  readonly sections: readonly Section[]
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text })

/** Something that is not there: a failure where it is needed. */
export const missing = (name: string, isNeeded: boolean, text: string, remedy?: string): Check => ({
  name,
  state: isNeeded ? 'failed' : 'absent',
  text,
  ...(remedy && { remedy }),
})
