/** The version in package.json; a test holds that. Reading that file would cost time at every start, and a warning in Node 20. */
export const version = '0.1.0';
