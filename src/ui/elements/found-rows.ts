/** Rows of a long table that are wanted. They are looked for anew where the rows or the question are others: a scroll draws them again, and searches nothing. */
export class FoundRows<Row> {
  #rows: readonly Row[] = [];
  #question: readonly unknown[] = [];

  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** @param question all that `isWanted` looks at besides the row, each held against what it was by identity */
  find(rows: readonly Row[], question: readonly unknown[], isWanted: (row: Row) => boolean): void {
    const asked = [rows, ...question];
    if (asked.every((each, i) => each === this.#question[i])) return;
    this.#question = asked;
    this.#rows = rows.filter(isWanted);
  }
}
