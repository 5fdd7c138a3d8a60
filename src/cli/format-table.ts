import Table from 'cli-table3';

const lines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

export interface Heading {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns in line, without colours or borders: readable on a terminal, greppable in a pipe. */
export function formatTable(headings: readonly Heading[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: headings.map(({title}) => title),
    colAligns: headings.map(({align}) => align ?? 'left'),
    chars: lines,
    style: {head: [], border: [], 'padding-left': 0, 'padding-right': 0},
  });
  table.push(...rows.map(row => [...row]));
  return `${table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n')}\n`;
}
