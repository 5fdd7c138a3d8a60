/** As package.json says; a test holds that. Read from there it would cost a file at every start, and a warning in Node 20. */
export const version = '0.1.0';
