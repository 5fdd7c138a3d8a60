import type {Load, PublishOptions} from '../../../src/destination/destination.js';
import {openDestination} from '../../../src/destination/open.js';
import {makeFolder, publishOptions} from '../../engine/spool.js';
import type {TestServer} from '../../helpers/postgres.js';

/** An empty database, and how to publish to it. */
export async function makePlace(server: TestServer) {
  const [folder, database] = [await makeFolder(), await server.createDatabase()];
  const uri = server.uriOf(database);
  return {
    folder,
    database,
    uri,
    publish: async (loads: readonly Load[], options: Partial<PublishOptions> = {}) =>
      openDestination(uri, {env: {}, lockTimeoutMs: 300}).publish(loads, publishOptions(folder, options)),
    query: async (...statements: readonly string[]) => server.query(database, ...statements),
  };
}
