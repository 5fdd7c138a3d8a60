import {randomUUID} from 'node:crypto';
import {existsSync} from 'node:fs';
import {lstat, mkdir, readdir, rename, rm, rmdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {DestinationError, messageOf, UsageError} from '../errors.js';
import {makeFolder} from '../local-paths.js';
import {type CapturedRoute, captureFile, captureFormat} from './format.js';
import {formatTree, JsonNumber, type JsonTree} from './json-tree.js';
import type {TakenTable} from './take-capture.js';

/** Throws UsageError if the folder holds anything, or is none. It need not exist, and may be behind a symbolic link. */
export async function refuseFullFolder(folder: string): Promise<void> {
  const held = await readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      const isLink = await lstat(folder).then(
        () => true,
        () => false,
      );
      if (!isLink) return [];
      throw new UsageError(`${folder} is a symbolic link that leads nowhere.`, {hint: emptyHint, cause: error});
    }
    if (error.code === 'ENOTDIR') throw new UsageError(`${folder} is not a folder.`, {hint: emptyHint, cause: error});
    throw new DestinationError(`${folder} cannot be read: ${messageOf(error)}.`, {hint: emptyHint, cause: error});
  });
  if (held.length > 0) throw new UsageError(`${folder} is not empty.`, {hint: emptyHint});
}

const emptyHint = 'A capture takes a folder that is empty or does not exist yet: name another with --out.';

export interface CaptureFacts {
  readonly tool: string;
  /** YYYY-MM-DD. */
  readonly day: string;
}

/**
 * Writes a capture into a folder that is empty or does not exist yet, readable by this user alone. `capture.json`, without which there is no capture, comes
 * last. Throws UsageError for a folder that has been filled meanwhile, and DestinationError.
 */
export async function writeCapture(
  folder: string,
  tables: ReadonlyMap<string, TakenTable>,
  {tool, day}: CaptureFacts,
): Promise<void> {
  await refuseFullFolder(folder);
  // One that exists stays: a container may have mounted it, and this user may not write beside it.
  const isThere = existsSync(folder);
  const unfinished = isThere ? join(folder, `.${randomUUID()}.tmp`) : `${folder}.${randomUUID()}.tmp`;
  const names: string[] = [];
  try {
    makeFolder(dirname(folder));
    await mkdir(unfinished, {mode: 0o700});
    const write = async (name: string, text: string) => {
      await writeFile(join(unfinished, name), text, {mode: 0o600, flush: true});
      names.push(name);
    };
    for (const [table, {routes}] of tables)
      if (routes.length > 0) await write(fileOf(table), `${formatTree(toTree(table, routes))}\n`);
    const head = new Map<string, JsonTree>([
      ['format', new JsonNumber(String(captureFormat))],
      ['tool', tool],
      ['day', day],
      ['tables', new Map([...tables].map(([table, taken]) => [table, describeTable(table, taken)]))],
    ]);
    await write('README.txt', readme);
    await write(captureFile, `${formatTree(head)}\n`);
    if (!isThere) return await rename(unfinished, folder);
    for (const name of names) await rename(join(unfinished, name), join(folder, name));
    await rmdir(unfinished);
  } catch (cause) {
    await rm(unfinished, {recursive: true, force: true});
    if (isThere) for (const name of names) await rm(join(folder, name), {force: true});
    throw new DestinationError(`The capture could not be written to ${folder}: ${messageOf(cause)}.`, {
      hint: 'Name another folder with --out.',
      cause,
    });
  }
}

function fileOf(table: string): string {
  return `${table}.json`;
}

function describeTable(table: string, {seen, routes}: TakenTable): JsonTree {
  return new Map<string, JsonTree>([
    ['file', routes.length === 0 ? null : fileOf(table)],
    ['seen', seen],
  ]);
}

function toTree(table: string, routes: readonly CapturedRoute[]): JsonTree {
  return new Map<string, JsonTree>([
    ['table', table],
    [
      'routes',
      routes.map(
        ({route, shape, replies, others}) =>
          new Map<string, JsonTree>([
            ['route', route],
            ['shape', shape],
            [
              'replies',
              replies.map(
                ({request, status, headers, counted, isJson, body}) =>
                  new Map<string, JsonTree>([
                    ['request', request],
                    ['status', new JsonNumber(String(status))],
                    ['headers', new Map(Object.entries(headers))],
                    ['counted', new Map(Object.entries(counted))],
                    ['is_json', isJson],
                    ['body', body],
                  ]),
              ),
            ],
            [
              'others',
              others &&
                new Map<string, JsonTree>([
                  ['status', new JsonNumber(String(others.status))],
                  ['body', others.body],
                  ['fill', new Map(Object.entries(others.fill))],
                ]),
            ],
          ]),
      ),
    ],
  ]);
}

const readme = `What a Docebo tenant answers, without its values

docebo-ingest has asked for one page of each table and has kept the shape of each reply: keys, types, forms, status and some headers. Every
value is invented: it has the form of the one that was sent, and says nothing of it. What stands for what was drawn at random and is written
down nowhere, so nobody can go back. Please look through the files before you send them.

capture.json   The tables, what was seen of each, and which program wrote this.
<table>.json   For each request: the shape (path: how many values of which form), the reply, and what answers for other parents.

How to read them
- The same id is the same invented id everywhere, so that rows join. Numbers of one digit are as they were sent: they are flags and kinds.
- Dates lie in the years 2041 to 2068. Mail addresses and URLs lead to example.invalid.
- Words are as sent only where the documentation of a column lists them (elearning, in_progress); yes, no, null and zero dates where a column holds such.
- The page and its size around a list, and the version of the API, are as sent. Of headers with numbers each digit is a 9.
- Names of members are as sent if they are declared. Others stay if two records of a list hold them, they are written like Docebo's and hold no word of
  the tenant's: look for names that you gave yourself. All else, such as names or ids, is invented.
- Lists are cut after one page. "counted" says how many there were, roughly; the reply itself counts what is left.

docebo-ingest emulator --replay FOLDER serves these replies.
`;
