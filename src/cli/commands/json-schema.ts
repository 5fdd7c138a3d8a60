import type {Column, Kind, Table} from '../../table.js';

const types: Readonly<Record<Kind, {readonly type?: string; readonly format?: string}>> = {
  integer: {type: 'integer'},
  double: {type: 'number'},
  boolean: {type: 'boolean'},
  text: {type: 'string'},
  timestamp: {type: 'string', format: 'date-time'},
  date: {type: 'string', format: 'date'},
  json: {},
};

/** The rows of a table as JSON Schema (draft 2020-12). */
export function toJsonSchema({name, description, columns, primaryKey}: Table) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: name,
    description,
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(columns).map(([column, declared]) => [column, toProperty(declared, primaryKey.includes(column))]),
    ),
    required: [...primaryKey],
  };
}

function toProperty({kind, description}: Column, isKey: boolean) {
  const {type, ...rest} = types[kind];
  if (type === undefined) return {description};
  return {description, type: isKey ? type : [type, 'null'], ...rest};
}
