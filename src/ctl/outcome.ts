/** What a command prints on. */
export interface Screen {
  /** Undefined: no terminal, lines may be of any length. */
  readonly columns: number | undefined
  /** ms since the epoch. */
  readonly now: number
}

/** What a command came to. */
export interface Outcome {
  /** What the daemon answered, for `--json`. */
  readonly body: unknown
  /** Undefined: all is printed already. */
  readonly text: ((screen: Screen) => string) | undefined
  /** Exit code where it is not 0. */
  readonly exitCode?: number
}
