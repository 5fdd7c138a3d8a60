import type {RawRecord} from '../../src/json/raw-record.js';
import type {SentRecord} from '../../src/table.js';

/** Records as objects, with what is bound. */
export async function parseAll(records: AsyncIterable<RawRecord>): Promise<readonly SentRecord[]> {
  const parsed: SentRecord[] = [];
  for await (const record of records) parsed.push(JSON.parse(record.encode().toString()));
  return parsed;
}
