import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {defaultDriftRetries} from '../choices.js';
import {readTypedRows} from '../engine/typed-rows.js';
import {DriftError} from '../errors.js';
import type {Docebo} from '../source/docebo.js';
import {Extractor} from '../source/tables/extract.js';
import type {Table} from '../table.js';
import type {AnyRow} from './read-list.js';

/**
 * The rows of a table that is more than one list: those of many parents, of a tree, or made of another table. It is read whole and proved first, as in a
 * load, in a temporary folder.
 */
export async function* readWhole(docebo: Docebo, table: Table): AsyncGenerator<AnyRow, void> {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-rows-'));
  try {
    const extractor = new Extractor({...docebo, runFolder: folder, driftRetries: defaultDriftRetries, accept: {}});
    for (let retry = 0; ; retry++) {
      const {spooled} = await (retry === 0 ? extractor.extract(table) : extractor.extractAgain(table));
      try {
        const rows = readTypedRows({table, spooled}, {workDir: folder, awaitDrift: retry < defaultDriftRetries});
        for await (const some of rows) yield* some;
        return;
      } catch (error) {
        // Nothing was given yet: rows are staged before the first is read.
        if (!(error instanceof DriftError) || retry >= defaultDriftRetries) throw error;
      }
    }
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}
