import type {RawRecord} from '../../json/raw-record.js';
import type {PageFacts} from '../../spool/format.js';
import type {Calls} from '../docebo.js';
import type {PageFormat} from './page.js';
import type {Bound} from './request.js';

/** The first page of a list, which is looked at and not landed. */
export interface Sample {
  readonly facts: PageFacts;
  readonly cursor: string | null;
  /** As sent, with what was bound; empty for a reply that has to be taken apart (`explode`). */
  readonly records: readonly RawRecord[];
  /** Time from the request to its reply. */
  readonly latencyMs: number;
}

/** Asks for the first page of a list. Throws what Client.get throws. */
export async function readSample(client: Calls, format: PageFormat, bound: Bound): Promise<Sample> {
  const address = {number: 1, bound, extra: {}};
  const path = format.ask(address);
  let startedMs = 0;
  let endedMs = 0;
  const read = (body: Buffer, status: number) => {
    endedMs = performance.now();
    return format.read(body, address, status);
  };
  const {facts, cursor, look} = await client.get(path, read, () => {
    startedMs = performance.now();
  });
  return {facts, cursor, records: look(), latencyMs: endedMs - startedMs};
}
