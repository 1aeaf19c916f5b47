/** A table of float64 rows with room for `capacity` of them. */
export class Rows {
  readonly data: Float64Array
  readonly width: number

  constructor(capacity: number, width: number, filled?: Float64Array) {
    this.data = new Float64Array(capacity * width)
    this.width = width
    if (filled) this.data.set(filled)
  }

  set(row: number, values: ArrayLike<number>): void {
    this.data.set(values, row * this.width)
  }

  /** A view of a row. */
  row(row: number): Float64Array {
    return this.data.subarray(row * this.width, (row + 1) * this.width)
  }

  /** The rows behind it move up. */
  remove(row: number): void {
    this.data.copyWithin(row * this.width, (row + 1) * this.width)
  }

  first(rows: number): Float64Array {
    return this.data.slice(0, rows * this.width)
  }
}
