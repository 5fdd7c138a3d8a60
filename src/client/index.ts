/** `docebo-ingest/client`: looks things up in a tenant. */
export * from '../errors.js';
export {openDocebo} from '../source/docebo.js';
export {readSettings} from '../source/settings.js';
export type {Row} from '../table.js';
export {type ClientOptions, DoceboClient, type Limits, type TableName, type TableOf} from './client.js';
export type {FilterOf, FilterValue, RowsOptions, TableRows, TypedRow} from './table-rows.js';
export type {Token} from './token.js';
export type {User, UserIdentity, UserListOptions, Users} from './users.js';
