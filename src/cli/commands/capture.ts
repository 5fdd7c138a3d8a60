import {randomInt} from 'node:crypto';
import {resolve} from 'node:path';
import {tables} from '../../../tables/index.js';
import {RecordedReplies} from '../../capture/recorded-replies.js';
import {takeCapture} from '../../capture/take-capture.js';
import {refuseFullFolder, writeCapture} from '../../capture/write-capture.js';
import {checkFolder} from '../../destination/folder.js';
import {UsageError} from '../../errors.js';
import {version} from '../../version.js';
import {readAccess} from '../options/access.js';
import type {Args, captureOptions} from '../options/command-options.js';
import {readSources} from '../options/select-reports.js';
import {formatTable, wrap} from '../printing/format.js';
import {print, printJson} from '../printing/print.js';
import {withDocebo} from '../progress/with-docebo.js';

export async function runCapture(args: Args<typeof captureOptions>): Promise<void> {
  const sources = readSources(tables, args.sourceTable);
  if (sources.reports.length > 0)
    throw new UsageError('Reports are not captured: their columns are named by the tenant.', {
      hint: 'Leave them out; the list of reports is the table reports.',
    });
  const folder = resolve(args.out);
  await refuseFullFolder(folder);
  await checkFolder(folder);
  const access = await readAccess(args);
  const replies = new RecordedReplies();
  const recorded = {...access, options: {...access.options, onReply: replies.onReply}};
  const {taken, calls} = await withDocebo(recorded, 'ask', async docebo => {
    const asked = sources.tables.map(({table}) => table);
    const taken = await takeCapture(docebo, replies, {tables: asked, known: tables, random: randomInt});
    return {taken, calls: docebo.client.counts.requests};
  });
  await writeCapture(folder, taken, {
    tool: `docebo-ingest ${version}`,
    day: new Date().toISOString().slice(0, 10),
  });
  const seen = [...taken].map(([table, {seen}]) => ({table, seen}));
  if (args.json) return printJson({folder, calls, tables: seen});
  const rows = seen.map(each => [each.table, each.seen]);
  await print(
    `${formatTable([{title: 'table'}, {title: 'seen', wraps: true}], rows)}\n${wrap(sayWhatNext(folder, calls))}\n`,
  );
}

function sayWhatNext(folder: string, calls: number): string {
  return `${folder} holds the shapes of ${calls} replies, with invented values. Please look through it (README.txt says how), then attach it, zipped, to an issue.`;
}
