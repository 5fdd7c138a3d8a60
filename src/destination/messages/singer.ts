import {quoteText} from '../../engine/quote.js';
import {sql} from '../../engine/sql.js';
import type {Dialect} from './dialect.js';

/**
 * Singer's messages. ACTIVATE_VERSION comes after the rows only: it has targets delete all rows of other versions, so sent first, as some taps do, it would
 * empty a table whose rows may then not arrive. Targets make a new table without it.
 */
export const singer: Dialect = {
  protocol: 'singer',
  frame: ({table}, version, receivedAt) => ({
    before: `{"type":"RECORD","stream":${JSON.stringify(table.name)},"record":`,
    after: sql`concat(',"time_extracted":', ${receivedAt}, ${quoteText(`,"version":${version}}`)})`,
  }),
  begin: ({stream: {table}, properties}) => [
    {
      type: 'SCHEMA',
      stream: table.name,
      schema: {type: 'object', properties},
      key_properties: table.primaryKey,
    },
  ],
  end: ({stream: {table}, bookmark: {version}}, bookmarks) => [
    {type: 'ACTIVATE_VERSION', stream: table.name, version},
    {type: 'STATE', value: {bookmarks}},
  ],
};
