import {IncompleteError} from '../../errors.js';
import {formatDuration, formatMoment} from '../../format-duration.js';
import type {Certainty, Plan, PlannedHour} from '../../plan.js';
import {formatCount, formatCounted} from './counts.js';
import {formatTable, groupByArea, wrap} from './format.js';
import {describeWhole} from './print-merges.js';

/** The plan as a person reads it. */
export function formatPlan(plan: Plan, parallelism: number, nowMs = Date.now()): string {
  const table = formatTable(
    [
      {title: 'table'},
      {title: 'route', wraps: true},
      {title: 'rows', align: 'right'},
      {title: 'requests', align: 'right'},
    ],
    groupByArea(
      plan.tables,
      ({area}) => area,
      ({table: name, route, rows, requests, certainty}) => [
        name,
        route ?? 'none',
        rows === null ? '?' : formatCount(rows),
        // None so far says nothing about how many there will be.
        certainty === 'at least' && requests === 0 ? 'unknown' : `${hedge(certainty)}${formatCount(requests)}`,
      ],
    ),
  );
  const notes = plan.tables.flatMap(({table: name, note}) =>
    note === null ? [] : [`${wrap(`${name}: ${note}`, undefined, '  ')}\n`],
  );
  return [table, ...(notes.length > 0 ? [notes.join('')] : []), summarise(plan, parallelism, nowMs)].join('\n');
}

/** Throws IncompleteError if the calls cannot be made before the deadline. */
export function refuseLate(plan: Plan, deadlineMs: number): void {
  const {minutes, requests, certainty, ratePerHour, tables} = plan;
  if (minutes === null || minutes * 60_000 < deadlineMs) return;
  const [first, second] = [...tables].sort((one, other) => other.requests - one.requests);
  const dearest = [first, second].flatMap(table => (table === undefined ? [] : [table.table])).join(' and ');
  const raise = ratePerHour === null ? 'raise --extract-parallelism' : 'raise --max-requests-per-hour';
  throw new IncompleteError(
    `The run needs ${hedge(certainty)}${formatCounted(requests, 'request')}, which take ${formatTime(minutes, certainty)}; --deadline allows ${formatDuration(deadlineMs / 1000)}.`,
    {hint: `Allow more time, ${raise}, or leave out what costs most: ${dearest}.`},
  );
}

function summarise(
  {tables, requests, certainty, tokenRequests, planRequests, ...rest}: Plan,
  parallelism: number,
  nowMs: number,
): string {
  const {minutes, ratePerHour, hour, unasked} = rest;
  const pace =
    ratePerHour === null
      ? `${formatCounted(parallelism, 'request')} in flight`
      : `${formatCounted(ratePerHour, 'request')} an hour`;
  const time = minutes === null ? '' : `, ${formatTime(minutes, certainty)} at ${pace}`;
  const lines = [
    `${formatCounted(tables.length, 'table')}: ${hedge(certainty)}${formatCounted(requests, 'request')} and ${formatCounted(tokenRequests, 'token request')}${time}. The plan itself took ${formatCounted(planRequests, 'request')}.`,
    ...(hour === null ? [] : [describeHour(hour, nowMs)]),
    ...describeWhole(tables),
    ...(unasked === null ? [] : [`Not asked for: ${unasked.tables.join(', ')}. ${unasked.reason}`]),
  ];
  return lines.map(line => `${wrap(line)}\n`).join('');
}

function describeHour({limit, used, nextCallAt, freeAt}: PlannedHour, nowMs: number): string {
  const next = nextCallAt === null ? '' : `; the next is free at ${formatMoment(Date.parse(nextCallAt), nowMs)}`;
  const all =
    freeAt === null ? '' : `${next === '' ? ';' : ','} all are free at ${formatMoment(Date.parse(freeAt), nowMs)}`;
  return `${formatCount(used)} of the ${formatCount(limit)} calls an hour of --max-requests-per-hour are used${next}${all}.`;
}

/** Never exact: Docebo's speed varies. */
function formatTime(minutes: number, certainty: Certainty): string {
  const seconds = minutes < 1 ? Math.ceil(minutes * 60) : Math.ceil(minutes) * 60;
  return `${certainty === 'at least' ? 'at least' : 'about'} ${formatDuration(seconds)}`;
}

function hedge(certainty: Certainty): string {
  return certainty === 'exact' ? '' : certainty === 'estimate' ? 'about ' : 'at least ';
}
