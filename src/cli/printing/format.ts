import stringWidth from 'string-width';
import {toLine} from './printable.js';

const counts = new Intl.NumberFormat('en-US');

export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1,200 records`, `1 record`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `12.3 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [scaled, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${scaled.toFixed(1)} ${unit}`;
}

export interface Heading {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns in line, without colours or borders: readable on a terminal, greppable in a pipe. */
export function formatTable(headings: readonly Heading[], rows: readonly (readonly string[])[]): string {
  const lines = [headings.map(({title}) => title), ...rows.map(row => row.map(inOneLine))];
  const widths = headings.map((_, column) => Math.max(...lines.map(line => stringWidth(line[column] ?? ''))));
  return lines.map(line => `${alignCells(line, headings, widths).join('  ').trimEnd()}\n`).join('');
}

function alignCells(cells: readonly string[], headings: readonly Heading[], widths: readonly number[]): string[] {
  return headings.map(({align}, column) => {
    const cell = cells[column] ?? '';
    const padding = ' '.repeat((widths[column] ?? 0) - stringWidth(cell));
    return align === 'right' ? padding + cell : cell + padding;
  });
}

function inOneLine(cell: string): string {
  return toLine(cell).replaceAll(/\s+/g, ' ');
}
