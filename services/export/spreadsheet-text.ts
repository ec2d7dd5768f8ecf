// Text that comes from outside, made safe for spreadsheets, which run a cell that begins like a formula.

/**
 * What a spreadsheet takes as the start of a formula: = + - @ or their full-width twins, tab, carriage return or line
 * feed; also behind white space, invisible characters or quotes, which some programs strip first.
 */
const formulaStart = /^[\s\p{C}\p{Z}'"`‘’“”«»]*[=+\-@＝＋－＠\t\r\n]/u;

/**
 * Puts an apostrophe in front of text that would run as a formula (as OWASP advises); other text stays as it is. The
 * apostrophe is part of the cell, so it is seen. Nothing is lost: `armed` gives back the original of any result, because
 * text that begins with an apostrophe and then like a formula gets a second one.
 */
export function defuse(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text;
}

/** The inverse of `defuse`. */
export function armed(cell: string): string {
  return cell.startsWith("'") && formulaStart.test(cell.slice(1)) ? cell.slice(1) : cell;
}
