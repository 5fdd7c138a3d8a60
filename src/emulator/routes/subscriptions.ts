import {envelop} from '../http/envelope.js';
import {get, type Route} from './route.js';

export const subscriptionRoutes: readonly Route[] = [
  get('/learn/v1/sub_bundle', call => envelop(call.tenant.subscriptions.bundles, call)),
  get('/learn/v1/sub_plan', call => envelop(call.tenant.subscriptions.plans, call)),
  get('/learn/v1/sub_record', call => envelop(call.tenant.subscriptions.records, call)),
  get('/learn/v1/sub_seat_association', call => envelop(call.tenant.subscriptions.seats, call)),
];
