/** Bytes of it that are kept. */
const KEPT = 4096
/** Characters of a line that are shown. */
const SHOWN = 300

/** Words of lines that say why something failed. */
const TELLING = /\b(fail(ed)?|error|cannot|can't|could not|unable|unknown|invalid|bad|no such)\b/i

/** The end of what a program says on its error output, of which a line or two tell why it failed. */
export class ErrorText {
  #text = ''

  push(bytes: Uint8Array): void {
    this.#text = (this.#text + Buffer.from(bytes).toString()).slice(-KEPT)
  }

  /** The last two lines that speak of an error (the libraries say why, the program says what), else the last one; empty when nothing was said. */
  get line(): string {
    const lines = this.#text
      .split(/[\r\n]+/)
      .map(line => line.replace(/\s+/g, ' ').trim())
      .filter(line => line !== '')
    const telling = lines.filter(line => TELLING.test(line)).slice(-2)
    return (telling.length > 0 ? telling.join('; ') : (lines.at(-1) ?? '')).slice(0, SHOWN)
  }
}
