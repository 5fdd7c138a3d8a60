/** Asks for a token and then for every path, eight at a time, by undici alone: what any program has to do. */
import {Agent, request} from 'undici';

const {DOCEBO_BASE_URL: url = '', DOCEBO_CLIENT_ID: id = '', DOCEBO_CLIENT_SECRET: secret = ''} = process.env;
const paths: readonly string[] = JSON.parse(process.env['BENCH_PATHS'] ?? '[]');
const dispatcher = new Agent({connections: 8});

const reply = await request(`${url}/oauth2/token`, {
  method: 'POST',
  dispatcher,
  headers: {'content-type': 'application/x-www-form-urlencoded'},
  body: new URLSearchParams({grant_type: 'client_credentials', client_id: id, client_secret: secret}).toString(),
});
const {access_token: token} = (await reply.body.json()) as {access_token: string};
const headers = {authorization: `Bearer ${token}`, 'accept-encoding': 'gzip'};
const rest = paths.filter(path => !path.startsWith('/oauth2')).values();
const lane = async () => {
  for (const path of rest) await (await request(url + path, {dispatcher, headers})).body.arrayBuffer();
};
await Promise.all(Array.from({length: 8}, lane));
await dispatcher.close();
