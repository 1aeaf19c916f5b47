/**
 * The newest columns of a spectrogram that goes on and on: `capacity` of them, numbered by their time, what was heard and what was expected of
 * each. Columns that never came are not there.
 */
export class Columns {
  constructor(rows, capacity) {
    this.rows = rows
    this.capacity = capacity
    this.heard = new Float32Array(rows * capacity)
    this.expected = new Float32Array(rows * capacity)
    this.flags = new Uint8Array(capacity)
    this.clear()
  }

  clear() {
    this.ids = new Float64Array(this.capacity).fill(Number.NaN)
    this.newest = undefined
  }

  slot(id) {
    return ((id % this.capacity) + this.capacity) % this.capacity
  }

  has(id) {
    return this.ids[this.slot(id)] === id
  }

  isAnomalous(id) {
    return this.has(id) && this.flags[this.slot(id)] === 1
  }

  /** Value of a row of a column. */
  value(matrix, id, row) {
    return matrix[this.slot(id) * this.rows + row]
  }

  /**
   * Takes a picture `[rows × columns]` in, whose first column is `first`. Of columns that two windows share each has the half that is nearer
   * to its middle: spectra at the edges of a window are less true.
   * @returns the columns `[from, to)` that look different now
   */
  put(first, { columns, heard, expected, anomalous }) {
    const end = first + columns
    if (this.newest === undefined) this.newest = first - 1
    const shared = Math.min(columns, Math.max(0, this.newest + 1 - first))
    const kept = shared < columns ? Math.floor(shared / 2) : 0
    for (let column = 0; column < columns; column++) {
      const id = first + column
      if (id <= this.newest - this.capacity) continue
      if (column < kept && this.has(id)) this.flags[this.slot(id)] |= anomalous ? 1 : 0
      else this.set(id, column, columns, heard, expected, anomalous)
    }
    const from = Math.max(Math.min(first, this.newest + 1), end - this.capacity)
    this.newest = Math.max(this.newest, end - 1)
    return { from, to: end }
  }

  set(id, column, columns, heard, expected, anomalous) {
    const slot = this.slot(id)
    this.flags[slot] = anomalous || (this.ids[slot] === id && this.flags[slot]) ? 1 : 0
    this.ids[slot] = id
    const at = slot * this.rows
    for (let row = 0; row < this.rows; row++) {
      this.heard[at + row] = heard[row * columns + column]
      this.expected[at + row] = expected[row * columns + column]
    }
  }
}
