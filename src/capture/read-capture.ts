import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {messageOf, UsageError} from '../errors.js';
import {captureFile, captureFormat} from './format.js';
import {formatTree, isList, isMap, JsonNumber, type JsonTree, parseTree} from './json-tree.js';

/** The answers of a capture, as `startReplay` takes them. */
export interface Recording {
  readonly replies: readonly {
    readonly request: string;
    readonly status: number;
    /** Null if the reply was no JSON. */
    readonly body: string | null;
  }[];
  readonly others: readonly {
    /** Path and query with `{placeholders}`. */
    readonly route: string;
    readonly status: number;
    readonly body: string;
    readonly fill: Readonly<Record<string, string>>;
  }[];
}

/** Reads what `writeCapture` has written. Throws UsageError if the folder is none, is damaged, or was written by a newer program. */
export async function readCapture(folder: string): Promise<Recording> {
  const head = new Reader(folder, captureFile, await readText(folder, captureFile, 'capture'));
  const format = head.number(head.root, 'format');
  const tool = head.text(head.root, 'tool');
  if (format > captureFormat)
    throw new UsageError(
      `The capture in ${folder} was written by ${JSON.stringify(tool)} in format ${format}, and this program knows format ${captureFormat} at most.`,
      {hint: 'Install a newer docebo-ingest.'},
    );
  const replies: Recording['replies'][number][] = [];
  const others: Recording['others'][number][] = [];
  for (const table of head.map(head.root, 'tables').values()) {
    const file = head.optionalText(table, 'file');
    if (file === null) continue;
    if (!/^\w+\.json$/.test(file)) throw head.damaged();
    const reader = new Reader(folder, file, await readText(folder, file, 'file'));
    for (const route of reader.list(reader.root, 'routes')) {
      for (const reply of reader.list(route, 'replies')) replies.push(readReply(reader, reply));
      const other = reader.member(route, 'others');
      if (other === null) continue;
      const body = reader.member(other, 'body');
      const fill = reader.texts(other, 'fill');
      if (!Object.keys(fill).every(path => holds(body, path.split('.')))) throw reader.damaged();
      others.push({
        route: reader.request(route, 'route'),
        status: reader.status(other),
        body: formatTree(body, null),
        fill,
      });
    }
  }
  return {replies, others};
}

function readReply(reader: Reader, reply: JsonTree): Recording['replies'][number] {
  const body = reader.member(reply, 'body');
  return {
    request: reader.request(reply, 'request'),
    status: reader.status(reply),
    body: reader.member(reply, 'is_json') === true ? formatTree(body, null) : null,
  };
}

function canDecode({pathname}: URL): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

/** Whether a path leads to a member. What is no member, such as a prototype, must not be written to. */
function holds(place: JsonTree | undefined, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return place !== undefined;
  return isMap(place) && holds(place.get(key), rest);
}

async function readText(folder: string, file: string, what: 'capture' | 'file'): Promise<string> {
  try {
    return await readFile(join(folder, file), 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!isMissing) throw new UsageError(`${join(folder, file)} cannot be read: ${messageOf(cause)}.`, {cause});
    if (what === 'capture')
      throw new UsageError(`There is no capture in ${folder}: it holds no ${captureFile}.`, {
        hint: 'Name the folder that docebo-ingest capture --out has written.',
        cause,
      });
    throw new UsageError(`The capture in ${folder} is not whole: ${file} is missing.`, {hint: againHint, cause});
  }
}

const server = 'http://docebo';

const againHint = 'Copy the whole folder again, or have it captured again with docebo-ingest capture.';

/** Reads one file, and refuses it if it is not as it was written. */
class Reader {
  readonly #path: string;
  readonly root: JsonTree;

  constructor(folder: string, file: string, text: string) {
    this.#path = join(folder, file);
    const root = parseTree(text);
    if (root === undefined) throw this.damaged();
    this.root = root;
  }

  damaged(): UsageError {
    return new UsageError(`${this.#path} is damaged: it is not what docebo-ingest capture writes.`, {hint: againHint});
  }

  member(place: JsonTree, key: string): JsonTree {
    const value = isMap(place) ? place.get(key) : undefined;
    if (value === undefined) throw this.damaged();
    return value;
  }

  map(place: JsonTree, key: string): ReadonlyMap<string, JsonTree> {
    const value = this.member(place, key);
    if (!isMap(value)) throw this.damaged();
    return value;
  }

  list(place: JsonTree, key: string): readonly JsonTree[] {
    const value = this.member(place, key);
    if (!isList(value)) throw this.damaged();
    return value;
  }

  text(place: JsonTree, key: string): string {
    const value = this.optionalText(place, key);
    if (value === null) throw this.damaged();
    return value;
  }

  optionalText(place: JsonTree, key: string): string | null {
    const value = this.member(place, key);
    if (value !== null && typeof value !== 'string') throw this.damaged();
    return value;
  }

  number(place: JsonTree, key: string): number {
    const value = this.member(place, key);
    if (!(value instanceof JsonNumber) || !/^\d{1,9}$/.test(value.text)) throw this.damaged();
    return Number(value.text);
  }

  /** A status that a server can end an answer with. */
  status(place: JsonTree): number {
    const status = this.number(place, 'status');
    if (status < 200 || status > 599) throw this.damaged();
    return status;
  }

  /** A path and query that can be decoded. */
  request(place: JsonTree, key: string): string {
    const request = this.text(place, key);
    const url = request.startsWith('/') && URL.canParse(request, server) ? new URL(request, server) : null;
    if (url?.origin !== server || !canDecode(url)) throw this.damaged();
    return request;
  }

  texts(place: JsonTree, key: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.map(place, key)].map(([name, value]) => {
        if (typeof value !== 'string') throw this.damaged();
        return [name, value];
      }),
    );
  }
}
