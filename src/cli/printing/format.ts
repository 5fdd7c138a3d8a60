import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import {toLine} from '../../printable.js';

/** Fits a mail, a log and the narrowest common terminal. A terminal tells its own width. */
const [usualWidth, leastWidth, mostWidth] = [80, 20, 120];

/** The width of lines on a stream, in columns. */
export function widthOf({columns}: {readonly columns?: number} = process.stdout, most = mostWidth): number {
  return Math.max(leastWidth, Math.min(most, columns || usualWidth));
}

/** Breaks a text between words into lines that fit; `indent` begins all but the first. */
export function wrap(text: string, width = widthOf(), indent = ''): string {
  const [first = '', ...rest] = wrapAnsi(text, width, {hard: true}).split('\n');
  if (rest.length === 0) return first;
  const following = wrapAnsi(rest.join(' '), width - indent.length, {hard: true});
  return [first, ...following.split('\n').map(line => `${indent}${line}`)].join('\n');
}

export function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

/** Cuts a text that is too long, and marks the cut. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && stringWidth(characters.join('')) > width - 1) characters.pop();
  return `${characters.join('')}…`;
}

/** Pads with blanks to the width that is seen. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

export interface Heading {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Its cells break into lines if the table would be too wide. */
  readonly wraps?: boolean;
}

const gap = '  ';
const leastCell = 12;

/** Aligned columns without colours or borders: readable on a terminal, greppable in a pipe. */
export function formatTable(
  headings: readonly Heading[],
  rows: readonly (readonly string[])[],
  width = widthOf(),
): string {
  const cells = [headings.map(({title}) => title), ...rows.map(row => row.map(inOneLine))];
  const natural = headings.map((_, column) => Math.max(...cells.map(row => stringWidth(row[column] ?? ''))));
  const widths = fitWidths(natural, headings, width - gap.length * (headings.length - 1));
  const lines = cells.flatMap(row => breakRow(row, widths));
  return lines.map(line => `${alignCells(line, headings, widths).join(gap).trimEnd()}\n`).join('');
}

/** Narrows the columns that wrap, always the widest of them; if that is not enough, the others that hold words. */
function fitWidths(natural: readonly number[], headings: readonly Heading[], room: number): readonly number[] {
  const widths = [...natural];
  const sum = () => widths.reduce((total, each) => total + each, 0);
  for (const isFlexible of [({wraps}: Heading) => wraps === true, ({align}: Heading) => align !== 'right']) {
    while (sum() > room) {
      const widest = headings
        .map((heading, column) => ({heading, column, size: widths[column] ?? 0}))
        .filter(({heading, size}) => isFlexible(heading) && size > leastCell)
        .sort((one, other) => other.size - one.size)[0];
      if (widest === undefined) break;
      widths[widest.column] = widest.size - 1;
    }
  }
  return widths;
}

/** The lines that a row takes. */
function breakRow(row: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
  const cells = widths.map((width, column) => wrap(row[column] ?? '', width).split('\n'));
  const height = Math.max(...cells.map(({length}) => length));
  return Array.from({length: height}, (_, line) => cells.map(cell => cell[line] ?? ''));
}

function alignCells(cells: readonly string[], headings: readonly Heading[], widths: readonly number[]): string[] {
  return headings.map(({align}, column) => {
    const cell = cells[column] ?? '';
    const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell)));
    return align === 'right' ? padding + cell : cell + padding;
  });
}

function inOneLine(cell: string): string {
  return toLine(cell).replaceAll(/\s+/g, ' ');
}

/** Rows for people, each area of tables under its name. `rows` keep their order within an area. */
export function groupByArea<T>(
  rows: readonly T[],
  areaOf: (row: T) => string,
  toCells: (row: T) => readonly string[],
): readonly (readonly string[])[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) groups.set(areaOf(row), [...(groups.get(areaOf(row)) ?? []), row]);
  return [...groups].flatMap(([area, members]) => [[`${area}:`], ...members.map(toCells)]);
}
