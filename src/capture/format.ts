import type {JsonTree} from './json-tree.js';

/** The version of the files in a capture. A reader refuses a higher one than its own. */
export const captureFormat = 1;

export const captureFile = 'capture.json';

/** What `capture.json` says of the others. */
export interface CaptureHead {
  readonly format: number;
  /** Name and version of the program that wrote it. */
  readonly tool: string;
  /** YYYY-MM-DD. */
  readonly day: string;
  /** Table → its file beside this one, or null if it took no call; and what was seen of it. */
  readonly tables: Readonly<Record<string, CapturedTable>>;
}

export interface CapturedTable {
  readonly file: string | null;
  readonly seen: string;
}

/** One recorded answer. */
export interface CapturedReply {
  /** Path and query, without what asks for a page. */
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How many there were really, roughly, by the name of the member that counts them. */
  readonly counted: Readonly<Record<string, string>>;
  /** A string if the reply was no JSON. */
  readonly body: JsonTree;
  readonly isJson: boolean;
}

/** The replies that came by one route, and what stands for those that were not asked for. */
export interface CapturedRoute {
  /** Path and query with `{placeholders}`. */
  readonly route: string;
  readonly shape: ReadonlyMap<string, string>;
  readonly replies: readonly CapturedReply[];
  /** What answers for other parents, or null if there are none. */
  readonly others: CapturedOthers | null;
}

export interface CapturedOthers {
  readonly status: number;
  readonly body: JsonTree;
  /** Dotted path in the body → the placeholder whose value goes there. */
  readonly fill: Readonly<Record<string, string>>;
}
