import type {Kind, Table} from './table.js';

const types: Readonly<Record<Kind, {readonly type: string | readonly string[]; readonly format?: string}>> = {
  integer: {type: 'integer'},
  double: {type: 'number'},
  boolean: {type: 'boolean'},
  text: {type: 'string'},
  timestamp: {type: 'string', format: 'date-time'},
  date: {type: 'string', format: 'date'},
  // Readers that make a column of each property want to be told even that it may be anything.
  json: {type: ['object', 'array', 'string', 'number', 'boolean']},
};

/** A column as JSON Schema says it. */
export interface Property {
  readonly description: string;
  readonly type: string | readonly string[];
  readonly format?: string;
}

/** The rows of a table as JSON Schema (draft 2020-12). */
export function toJsonSchema(table: Table) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: table.name,
    description: table.description,
    type: 'object',
    properties: toProperties(table),
    required: [...table.primaryKey],
  };
}

/** The declared columns of a table. */
export function toProperties({columns, primaryKey}: Table): Readonly<Record<string, Property>> {
  return Object.fromEntries(
    Object.entries(columns).map(([column, {kind, description}]) => [
      column,
      toProperty(kind, description, primaryKey.includes(column)),
    ]),
  );
}

/** Null is allowed unless the column is part of the key. */
export function toProperty(kind: Kind, description: string, isKey = false): Property {
  const {type, ...format} = types[kind];
  return {description, type: isKey ? type : [type, 'null'].flat(), ...format};
}

/** The columns that tell of the load, which every table has unless they are left out. */
export const metadataProperties: Readonly<Record<string, Property>> = {
  _docebo_load_id: toProperty('text', 'The load that published the row.'),
  _docebo_extracted_at: toProperty('timestamp', 'When the page was received that the row came in.'),
};
