#!/usr/bin/env node
// Orchestrators call a tap by a name of its own, without the name of a command.
process.argv.splice(2, 0, 'singer');
void import('./main.js');
