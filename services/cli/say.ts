// What a command says: results on standard output, as text for people or as one JSON value for scripts.

export type Say = {
  /** A line for people; nothing with --json. */
  line(text?: string): void;
  /** The result of the command, for --json. */
  result(value: unknown): void;
};

export function sayTo(output: { write(text: string): unknown }, json: boolean): Say {
  return {
    line: (text = '') => {
      if (!json) output.write(`${text}\n`);
    },
    result: (value) => {
      if (json) output.write(`${JSON.stringify(value, null, 2)}\n`);
    },
  };
}
