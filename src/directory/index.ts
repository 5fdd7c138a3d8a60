/** `docebo-ingest/directory`: makes, changes and removes users, and makes sign-in URLs. Nothing that loads imports it. */
export * from '../errors.js';
export {Secret} from '../secret.js';
export type {NewUser, UserChanges, UserDetails, Who} from './api.js';
export {type DirectoryOptions, DoceboDirectory, type WriteOptions, type Written} from './directory.js';
export {type SignIn, signInUrl, tokenSignInUrl} from './sign-in.js';
export {type LegacyCredentials, signLegacy} from './signature.js';
