import {mkdtemp, rmdir} from 'node:fs/promises';
import {join} from 'node:path';
import {tables} from '../../../tables/index.js';
import type {Destination, Target} from '../../destination/destination.js';
import {openDestination} from '../../destination/open.js';
import {loadDuckdb} from '../../engine/native.js';
import {exitCodes, IngestError} from '../../errors.js';
import {makeFolder} from '../../local-paths.js';
import {checkTables, type Readability, type TableCheck} from '../../source/tables/check-tables.js';
import {openRouteMemory} from '../../source/tables/route-memory.js';
import {refuseStateDir} from '../../spool/run-folder.js';
import {readAccess} from '../options/access.js';
import type {Args, checkOptions} from '../options/command-options.js';
import {findReports, readSources} from '../options/select-reports.js';
import {chooseTargets} from '../options/select-tables.js';
import {formatCounted} from '../printing/counts.js';
import {formatTable, groupByArea, wrap} from '../printing/format.js';
import {print, printJson} from '../printing/print.js';
import {tellWarning} from '../printing/tell-warning.js';
import type {ProgressOptions} from '../progress/progress.js';
import {type DoceboAccess, withDocebo} from '../progress/with-docebo.js';

export async function runCheck(args: Args<typeof checkOptions>): Promise<void> {
  const sources = readSources(tables, args.sourceTable);
  const access = await readAccess(args);
  await loadDuckdb();
  if (args.destUri !== undefined) {
    const targets = chooseTargets(sources, args.destTable).map(({target}) => target);
    await checkDestination(openDestination(args.destUri), targets, args.progress);
  }
  if (args.destUri !== undefined || args.stateDir !== undefined) await checkStateDir(access.stateDir);
  const {chosen, checks} = await withDocebo(access, 'ask', async docebo => {
    const chosen = (await findReports(docebo, sources, access.stateDir)).tables;
    const memory = openRouteMemory(access.stateDir, docebo);
    return {
      chosen,
      checks: await checkTables(
        docebo,
        chosen.map(({table}) => table),
        memory,
      ),
    };
  });
  const named = new Set(chosen.flatMap(({table, isNamed}) => (isNamed ? [table.name] : [])));
  // If nothing at all can be read, the credential is to blame rather than the tenant.
  const isAny = checks.some(({readable}) => readable);
  const isAbsent = ({table, mayBeAbsent}: Pick<Readability, 'table' | 'mayBeAbsent'>) =>
    isAny && mayBeAbsent && !named.has(table);
  const told = checks.map(({mayBeAbsent, ...check}) => ({...check, absent: isAbsent({mayBeAbsent, ...check})}));
  await (args.json
    ? printJson(told)
    : print(`${formatChecks(told)}${summarise(told, access)}${formatDifferences(checks)}`));
  refuseUnreadable(
    checks.filter(check => !isAbsent(check)),
    {gotToken: access.settings.credentials.grant !== 'token'},
  );
}

type Told = Omit<TableCheck, 'mayBeAbsent'> & {readonly absent: boolean};

function formatChecks(checks: readonly Told[]): string {
  const rows = groupByArea(
    checks,
    ({area}) => area,
    ({table, route, readable, absent, detail}) => [
      table,
      readable ? 'yes' : absent ? 'absent' : 'no',
      [route, detail === 'readable' ? null : detail].filter(text => text !== null).join(': '),
    ],
  );
  return formatTable([{title: 'table'}, {title: 'readable'}, {title: 'route', wraps: true}], rows);
}

function summarise(checks: readonly Told[], {settings: {baseUrl}}: Pick<DoceboAccess, 'settings'>): string {
  const absent = checks.filter(each => each.absent).length;
  const readable = checks.filter(each => each.readable).length;
  const rest = absent === 0 ? '' : `; ${absent} absent`;
  return `${readable} of ${formatCounted(checks.length, 'table')} of ${baseUrl.href.replace(/\/$/, '')} can be read${rest}.\n`;
}

const captureHint =
  'Docebo may have changed, or it serves this tenant in another way. docebo-ingest capture --out FOLDER writes the shapes of its replies, without anything of the tenant, to be sent with an issue.';

/** What replies hold other than declared, and how to tell the maintainers; empty if there is nothing. */
export function formatDifferences(checks: readonly TableCheck[]): string {
  const found = checks.flatMap(({table, unheld, isUsual, undeclared, obstacle}) => [
    ...(unheld.length > 0 ? [{table, isExpected: isUsual, said: `no record held ${unheld.join(', ')}`}] : []),
    ...(undeclared.length > 0
      ? [{table, isExpected: false, said: `no column declares ${undeclared.map(quoteOdd).join(', ')}`}]
      : []),
    ...(obstacle === 'answer' ? [{table, isExpected: false, said: 'the reply was not understood'}] : []),
  ]);
  if (found.length === 0) return '';
  const rows = found.map(({table, isExpected, said}) => [
    table,
    isExpected ? `${said}, which another route or record may` : said,
  ]);
  const headings = [{title: 'table'}, {title: 'other than declared, on one page', wraps: true}];
  const hint = found.every(({isExpected}) => isExpected) ? '' : `${wrap(captureHint)}\n`;
  return `\n${formatTable(headings, rows)}${hint}`;
}

/** A key with blanks or commas, or an empty one, would not be told from its neighbours. */
function quoteOdd(key: string): string {
  return /^[^\s,"]+$/.test(key) ? key : JSON.stringify(key);
}

/** Throws DestinationError if the tables could not be written to their destination, and warns of anything odd about it. */
export async function checkDestination(
  destination: Destination,
  targets: readonly Target[],
  progress: ProgressOptions['progress'],
): Promise<void> {
  for (const message of await destination.check(targets)) tellWarning(progress, {table: null, message});
}

/** Throws DestinationError if no run could be kept there. */
export async function checkStateDir(stateDir: string): Promise<void> {
  try {
    makeFolder(stateDir);
    await rmdir(await mkdtemp(join(stateDir, '.check-')));
  } catch (cause) {
    throw refuseStateDir(stateDir, cause);
  }
}

const notDocebo = 'Is base_url the address of a Docebo tenant? A maintenance page looks like this as well.';

/** A table cannot be read. The list of tables, which has been printed by then, says why. */
class UnreadableError extends IngestError {
  override readonly name = 'UnreadableError';
  readonly code = 'E_UNREADABLE';
  readonly exitCode = exitCodes.rejected;
}

/**
 * Throws if a table cannot be read, and names the cause: a missing right, the tenant or the address. `gotToken`: Docebo gave the token with which the
 * tables were asked for, so a 404 comes from Docebo.
 */
function refuseUnreadable(checks: readonly Readability[], {gotToken}: {gotToken: boolean}): void {
  const facing = (obstacle: Readability['obstacle']) =>
    checks.filter(check => check.obstacle === obstacle).map(({table}) => table);
  const [right, absent, answer] = [facing('right'), facing('absent'), facing('answer')];
  if (right.length + absent.length + answer.length === 0) return;
  const strange = gotToken ? answer : [...absent, ...answer];
  if (strange.length === checks.length && checks.length > 1) {
    throw new UnreadableError('No answer looks like one from Docebo.', {
      hint: notDocebo,
    });
  }
  const sentences = [
    ...(right.length > 0 ? [`The credential lacks the right to read ${right.join(', ')} (403).`] : []),
    ...(absent.length > 0 ? [`This tenant does not serve ${absent.join(', ')}.`] : []),
    ...(answer.length > 0 ? [`The answer for ${answer.join(', ')} was not understood.`] : []),
  ];
  throw new UnreadableError(sentences.join(' '), {hint: chooseHint(right, absent)});
}

function chooseHint(right: readonly string[], absent: readonly string[]): string {
  if (right.length > 0) return 'Leave these tables out, or give the API user the right.';
  if (absent.length > 0) return 'Leave these tables out: they may belong to a Docebo app that is not installed.';
  return notDocebo;
}
