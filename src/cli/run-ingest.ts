import {ingest, type Run} from '../ingest.js';
import type {Report} from '../report.js';
import {type DoceboAccess, withDocebo} from './with-docebo.js';

/** One run with its progress shown and its interruption heard. */
export async function runIngest(access: DoceboAccess, run: Omit<Run, 'docebo'>): Promise<Report> {
  return withDocebo(access, async docebo => ingest({docebo, ...run}));
}
