// Columns of numbers that grow: a table of very many rows as a few arrays, which cost no object a row and nothing to
// collect. Small whole numbers and wide ones (times, offsets, hashes) have a column each.

const rowsMin = 1_024;

/** Numbers from −2³¹ to 2³¹−1. What was never set is 0. */
export class SmallColumn {
  private numbers = new Int32Array(rowsMin);

  get(row: number): number {
    return this.numbers[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.numbers.length) {
      const larger = new Int32Array(Math.max(this.numbers.length * 2, row + 1));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[row] = value;
  }
}

/** Any numbers. What was never set is 0. */
export class WideColumn {
  private numbers = new Float64Array(rowsMin);

  get(row: number): number {
    return this.numbers[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.numbers.length) {
      const larger = new Float64Array(Math.max(this.numbers.length * 2, row + 1));
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[row] = value;
  }
}
