#!/usr/bin/env node
// Whoever runs a source of Airbyte calls it by a name of its own.
process.argv.splice(2, 0, 'airbyte');
void import('./main.js');
