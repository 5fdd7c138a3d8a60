import {dice, uuid} from './random.js';

/** How the export of a report goes. */
export interface ReportBehaviour {
  /** What is said of an export, one word each time it is asked for; the last one stays. Only `SUCCEEDED` is known of Docebo (tables/API.md#report-exports). */
  readonly statuses: readonly string[];
  /** Whether the rows come page by page. Otherwise that is refused with 403, and only the file is there. */
  readonly results: 'served' | 'refused';
  /** Rows on a page of results at most. */
  readonly largestPage: number;
}

export const usualReports: ReportBehaviour = {
  statuses: ['IN_PROGRESS', 'SUCCEEDED'],
  results: 'served',
  largestPage: 1000,
};

/** The exports that were started. */
export interface Exports {
  start(reportId: string): string;
  /** What is said of an export now; undefined if that report has no such export. */
  ask(reportId: string, id: string): string | undefined;
  isReady(reportId: string, id: string): boolean;
}

export function createExports(seed: number, {statuses}: ReportBehaviour): Exports {
  const started = new Map<string, {readonly reportId: string; asked: number}>();
  const find = (reportId: string, id: string) => {
    const found = started.get(id);
    return found?.reportId === reportId ? found : undefined;
  };
  const wordAt = (asked: number) => statuses[Math.min(asked, statuses.length - 1)] ?? 'SUCCEEDED';
  return {
    start(reportId) {
      const id = uuid(dice(seed, 'export', started.size));
      started.set(id, {reportId, asked: 0});
      return id;
    },
    ask(reportId, id) {
      const found = find(reportId, id);
      return found && wordAt(found.asked++);
    },
    isReady(reportId, id) {
      const found = find(reportId, id);
      return found !== undefined && found.asked > 0 && wordAt(found.asked - 1) === 'SUCCEEDED';
    },
  };
}
