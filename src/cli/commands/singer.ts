import {singer} from '../../destination/messages/singer.js';
import {UsageError} from '../../errors.js';
import {isObject} from '../../json/members.js';
import {version} from '../../version.js';
import {readConfig, readJsonFile} from '../connectors/read-config.js';
import {sendTables} from '../connectors/send.js';
import {configProperties} from '../connectors/settings.js';
import {readSelection, writeCatalog} from '../connectors/singer-catalog.js';
import {listStreams, readState, toBookmarks} from '../connectors/streams.js';
import type {Args, singerOptions} from '../options/command-options.js';
import {print, printJson} from '../printing/print.js';

/** A tap as Singer specifies it: tables go to stdout as messages. */
export async function runSinger(args: Args<typeof singerOptions>): Promise<void> {
  const {progress, quiet = false, debug = false} = args;
  if (args.about) return printJson(about());
  if (args.config === undefined && !args.discover)
    throw new UsageError('Say --config and a file.', {hint: 'docebo-ingest singer --about lists what it may hold.'});
  const config = args.config === undefined ? undefined : await readConfig(args.config);
  const listed = listStreams(config?.args.incrementalStrategy === 'merge');
  // In many lines: Meltano reads no line of a catalog that is longer than 64 KB.
  if (args.discover) return print(`${JSON.stringify(writeCatalog(listed), null, 2)}\n`);
  if (config === undefined) return;
  if (args.catalog !== undefined && args.properties !== undefined)
    throw new UsageError('--properties is the old name of --catalog: give one of them.');
  const file = args.catalog ?? args.properties;
  const catalog = file === undefined ? writeCatalog(listed) : await readJsonFile('catalog', file);
  const state = await readState(args.state);
  await sendTables({
    config,
    dialect: singer,
    streams: readSelection(catalog),
    bookmarks: isObject(state) && isObject(state['bookmarks']) ? toBookmarks(state['bookmarks']) : {},
    resume: args.resume,
    display: {progress, quiet, debug},
  });
}

function about() {
  return {
    name: 'tap-docebo',
    description: 'Tables of the Docebo LMS, each of which is sent only once it is proved complete.',
    version,
    capabilities: ['about', 'activate-version', 'catalog', 'discover', 'properties', 'state'],
    settings: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(configProperties).map(([name, {isSecret, ...property}]) => [
          name,
          {...property, ...(isSecret && {secret: true, writeOnly: true})},
        ]),
      ),
      required: ['base_url'],
    },
  };
}
