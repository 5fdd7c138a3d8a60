import {expect, test} from 'vitest';
import {messageOf} from '../../src/errors.js';
import {openReader, streamsOf} from '../helpers/message-reader.js';
import {serve} from '../helpers/served.js';
import {merge} from './nights.js';
import {answerPage, answerUsers, dayMs, makeUsers, moment, type User} from './told-tenant.js';

const names = ['users', 'user_fields'];
const cast = {onCastError: 'fail', loadMetadata: true} as const;

/** Users of whom one, changed in the second night, holds a value that fits no column; and a table beside them. */
async function openTenant() {
  const users: User[] = makeUsers(60, () => Date.now() - 30 * dayMs);
  const served = await serve((path, query) => {
    if (path === '/manage/v1/user_fields') return answerPage(query, [{id: 1, title: 'Cost centre'}]);
    return path === '/manage/v1/user' ? answerUsers(query, users) : undefined;
  });
  const spoil = (at: number) => {
    const user = users[at];
    if (user !== undefined)
      users[at] = {...user, expiration_date: 'never', role_id: 'boss', last_update: moment(Date.now())};
  };
  return {served, spoil};
}

test('a table is sent once to a reader of messages, even if a merged one is read again', async () => {
  const {served, spoil} = await openTenant();
  const night = async () => {
    const {destination, countRows} = openReader(streamsOf(names));
    const report = await served.load(names, {cast, merge, destination, docebo: {pageSize: 5}});
    return {report, sent: countRows('user_fields')};
  };
  expect((await night()).sent).toBe(1);
  spoil(30);
  const second = await night();
  expect(second.report.tables.map(({status}) => status)).toEqual(['not_loaded', 'published']);
  expect(second.sent).toBe(1);
});

test('a run that is stopped says that nothing was published only if nothing was', async () => {
  const abort = new AbortController();
  const {served, spoil} = await openTenant();
  let starts = 0;
  const night = async (signal?: AbortSignal) =>
    served.load(names, {
      cast,
      merge,
      docebo: {
        pageSize: 5,
        ...(signal && {signal}),
        onEvent: event => {
          if (event.type === 'table_started' && event.table === 'users' && starts++ === 1) abort.abort();
        },
      },
    });
  await night();
  const [before] = await served.query('SELECT _docebo_load_id FROM user_fields');
  spoil(30);
  starts = 0;
  const error: unknown = await night(abort.signal).then(
    report => report,
    (error: unknown) => error,
  );
  const [after] = await served.query('SELECT _docebo_load_id FROM user_fields');
  const isPublished = before?.[0] !== after?.[0];
  expect({isPublished, said: messageOf(error).includes('nothing was published')}).not.toEqual({
    isPublished: true,
    said: true,
  });
});
