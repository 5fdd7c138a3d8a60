/** One line of the table. */
export interface Row {
  readonly figure: string;
  /** null: it could not be measured; the note says why. */
  readonly measured: number | null;
  readonly unit?: string;
  /** Left out with `atMost` too: the figure is told, not judged. */
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly note?: string;
}

export interface BenchOptions {
  readonly quick: boolean;
  /** Records of the loads whose speed is measured. */
  readonly records: number;
  /** Emptied after the run. */
  readonly folder: string;
  /** Where progress is told: a bench of minutes must not be silent. */
  readonly tell: (text: string) => void;
}

export interface Figure {
  readonly name: string;
  measure(options: BenchOptions): Promise<readonly Row[]>;
}

/** null where nothing is to be reached. */
export function isReached({measured, atLeast, atMost}: Row): boolean | null {
  if (atLeast === undefined && atMost === undefined) return null;
  if (measured === null) return false;
  return measured >= (atLeast ?? Number.NEGATIVE_INFINITY) && measured <= (atMost ?? Number.POSITIVE_INFINITY);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('There is no median of nothing.');
  return sorted.length % 2 === 1 ? middle : (middle + (sorted[sorted.length / 2 - 1] ?? middle)) / 2;
}

/** A Markdown table: figure | measured | must reach | ok. */
export function formatRows(rows: readonly Row[]): string {
  const lines = rows.map(row => {
    const ok = isReached(row);
    const cells = [
      row.note === undefined ? row.figure : `${row.figure} (${row.note})`,
      row.measured === null ? '–' : formatNumber(row.measured, row.unit),
      formatLimit(row),
      ok === null ? '' : ok ? 'yes' : '**no**',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| figure | measured | must reach | ok |', '|---|---|---|---|', ...lines, ''].join('\n');
}

function formatLimit({atLeast, atMost, unit}: Row): string {
  if (atLeast !== undefined) return `≥ ${formatNumber(atLeast, unit)}`;
  return atMost === undefined ? '(told)' : `≤ ${formatNumber(atMost, unit)}`;
}

function formatNumber(value: number, unit: string | undefined): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  const text = value.toLocaleString('en', {maximumFractionDigits: digits});
  return unit === undefined ? text : `${text} ${unit}`;
}
