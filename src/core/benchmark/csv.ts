/**
 * Comma-separated values as RFC 4180 has them: quotes where they are needed, or everywhere, doubled within; CRLF or LF between rows. A last line
 * break ends the last row.
 */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = () => {
    row.push(field);
    field = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',') {
      row.push(field);
      field = '';
    } else if (letter === '\n') endRow();
    else if (letter !== '\r') field += letter;
  }
  if (field !== '' || row.length > 0) endRow();
  return rows;
}

/** Every value in quotes, as llama-bench writes them. */
export const writeCsv = (header: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [header.join(','), ...rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))]
    .map((line) => `${line}\n`)
    .join('');
