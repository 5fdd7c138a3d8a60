import {firstLine, isDuckdbFailure} from '../../engine/failures.js';
import {DestinationError} from '../../errors.js';
import type {Plan} from '../difference/plan.js';
import {type Lake, nameLake} from './names.js';

const tokenHint =
  'Make a token in the settings of MotherDuck, and set motherduck_token, DOCEBO_DEST_PASSWORD, or DOCEBO_DEST_PASSWORD_FILE.';

/** What DuckDB's extensions say, what that means where their words do not tell, and what to do. The first that fits counts. */
const known: readonly (readonly [words: RegExp, meaning: string | undefined, hint: string])[] = [
  [
    /transaction conflict|conflict(s|ing)? (with|on)|has been altered|another transaction/i,
    'another session has changed the same tables meanwhile',
    'Nothing was published, every table is as it was. Run again.',
  ],
  [
    /does not match existing data path in the catalog/,
    undefined,
    'The rows stay where they are: leave data_path out of the URI, or name that of the catalog.',
  ],
  [/not a valid DuckDB database file/, 'the file is not one of DuckDB', 'Name another file, or move this one away.'],
  [/permission denied for/, undefined, 'Have the owner of the catalog give this user the right.'],
  [
    /Failed to create directory|Permission denied|Not a directory|Read-only file system/i,
    undefined,
    'The earlier tables are as they were. Check that this user may write to the data path.',
  ],
  [
    /No space left|disk full/i,
    undefined,
    'The earlier tables are as they were. Free some space where the rows are, and run again.',
  ],
  [/token|jwt|unauthenticated|unauthorized/i, undefined, tokenHint],
  [
    /no database|database .*(not found|does not exist)|catalog .* does not exist/i,
    undefined,
    'Create the database first, or name another one in the URI.',
  ],
  [
    /Failed to download|establish connection|resolve host|could not connect|HTTP (Error|GET|PUT|POST)|connection to server/i,
    undefined,
    'The earlier tables are as they were. Check the network, and the rights to the data path, and run again.',
  ],
];

/** Says what failed and what to do. An error of our own, or of the program itself, stays as it is. */
export function nameFailure(lake: Pick<Lake, 'place'>, error: unknown, what = 'could not be written'): unknown {
  if (!isDuckdbFailure(error) || /^(Parser|Binder|Not implemented) Error/.test(error.message)) return error;
  const found = known.find(([words]) => words.test(error.message));
  return new DestinationError(`${nameLake(lake)} ${what}: ${found?.[1] ?? say(error)}`, {
    hint: found?.[2] ?? 'The earlier tables are as they were. Check the catalog and the data path, and run again.',
    cause: error,
  });
}

/** Without what the extension calls the catalog, and without a blank that its messages lack. */
function say(error: Error): string {
  return firstLine(error).replace(/Failed to attach DuckLake MetaData "[^"]*" at path \+ "[^"]*"/, '');
}

/** Errors of a statement that concern its table alone: the others go on. Those of files, networks and commits concern all. */
export function failTable({place}: Plan, error: unknown): unknown {
  if (
    !isDuckdbFailure(error) ||
    !/^(Constraint|Conversion|Catalog|Binder|Dependency|Not implemented|Invalid Input|Out of Range) Error/.test(
      error.message,
    )
  ) {
    return error;
  }
  return new DestinationError(`${place.join('.')} could not be written: ${firstLine(error)}`, {
    hint: 'The earlier table was kept. Remove what stands in the way, or choose another name for the table.',
    cause: error,
  });
}

/** Whether the server of a catalog may have committed, although its answer was lost. An answer that it did not holds `ERROR:`. */
export function isLost(error: unknown): error is Error {
  const words =
    /Failed to execute query "COMMIT"|server closed|terminating connection|connection .*(closed|lost|reset|timed out)|SYSCALL/i;
  return isDuckdbFailure(error) && words.test(error.message) && !error.message.includes('ERROR:');
}

export function lostAtCommit(place: Lake['place'], loadId: string, cause: Error): DestinationError {
  return new DestinationError(
    `${nameLake({place})} lost the connection at the commit, so nobody knows whether it committed: ${say(cause)}`,
    {
      hint:
        `If a snapshot of the lake has the message ${loadId}, all tables of the run are published, else none. See whether they can be read, ` +
        'since DuckLake may have removed files that it took for those of a failed commit; then run again.',
      cause,
    },
  );
}

/** Whether the lake lacks an extension for the place of its rows, and which. */
export function findMissingExtension(error: unknown): string | undefined {
  if (!isDuckdbFailure(error)) return undefined;
  return /requires the extension (\w+) to be loaded/.exec(error.message)?.[1];
}

export function refuseTokenless(lake: Pick<Lake, 'place'>): DestinationError {
  // Without one the extension would open a browser, and wait.
  return new DestinationError(`${nameLake(lake)} cannot be opened: no token was given`, {hint: tokenHint});
}
