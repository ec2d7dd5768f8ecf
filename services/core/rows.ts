// Very many rows of a few numbers each, in one array that grows: no object a row, so nothing to collect, and the numbers of
// one row lie side by side, so that reading it waits for memory once.

const rowsMin = 1_024;

export class Rows {
  private readonly width: number;
  private numbers: Float64Array;

  /** `width`: numbers in a row. */
  constructor(width: number) {
    this.width = width;
    this.numbers = new Float64Array(rowsMin * width);
  }

  /** Rows and columns are counted from 0. What was never set is 0. */
  get(row: number, column: number): number {
    return this.numbers[row * this.width + column] ?? 0;
  }

  set(row: number, column: number, value: number): void {
    const place = row * this.width + column;
    if (place >= this.numbers.length) this.grow(place + 1);
    this.numbers[place] = value;
  }

  private grow(length: number): void {
    const larger = new Float64Array(Math.max(this.numbers.length * 2, length));
    larger.set(this.numbers);
    this.numbers = larger;
  }
}
