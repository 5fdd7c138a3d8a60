export {type OptionalArea, optionalAreas} from './areas.js';
export type {ChangeFilter} from './change-filter.js';
export {type Emulator, startEmulator} from './emulator.js';
export type {Fault} from './faults.js';
export type {SeenRequest} from './http/serve.js';
export type {Credentials} from './http/tokens.js';
export {demoCredentials, type EmulatorOptions} from './options.js';
export type {Edits} from './order.js';
export {emulatedTables} from './truth.js';
