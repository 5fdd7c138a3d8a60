import {displayWidth} from './display-width.js';
import {toLine} from './printable.js';

export interface Heading {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns in line, without colours or borders: readable on a terminal, greppable in a pipe. */
export function formatTable(headings: readonly Heading[], rows: readonly (readonly string[])[]): string {
  const lines = [headings.map(({title}) => title), ...rows.map(row => row.map(inOneLine))];
  const widths = headings.map((_, column) => Math.max(...lines.map(line => displayWidth(line[column] ?? ''))));
  return lines.map(line => `${alignCells(line, headings, widths).join('  ').trimEnd()}\n`).join('');
}

function alignCells(cells: readonly string[], headings: readonly Heading[], widths: readonly number[]): string[] {
  return headings.map(({align}, column) => {
    const cell = cells[column] ?? '';
    const padding = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
    return align === 'right' ? padding + cell : cell + padding;
  });
}

function inOneLine(cell: string): string {
  return toLine(cell).replaceAll(/\s+/g, ' ');
}
