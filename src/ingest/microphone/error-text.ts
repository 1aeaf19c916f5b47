/** Bytes of it that are kept. */
const KEPT = 4096
/** Characters of a line that are shown. */
const SHOWN = 300

/** The end of what a program says on its error output, of which one line tells why it failed. */
export class ErrorText {
  #text = ''

  push(bytes: Uint8Array): void {
    this.#text = (this.#text + Buffer.from(bytes).toString()).slice(-KEPT)
  }

  /** The last line that speaks of an error, else the last one; empty when nothing was said. */
  get line(): string {
    const lines = this.#text
      .split(/[\r\n]+/)
      .map(line => line.replace(/\s+/g, ' ').trim())
      .filter(line => line !== '')
    const telling = lines.findLast(line => /\b(fail|error|cannot|can't|could not)\b/i.test(line))
    return (telling ?? lines.at(-1) ?? '').slice(0, SHOWN)
  }
}
