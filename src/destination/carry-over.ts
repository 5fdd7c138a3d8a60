import type {DuckDBConnection} from '@duckdb/node-api';
import {queryRows} from '../engine/duckdb.js';
import {foldCase} from '../engine/fold-case.js';
import {quoteIdentifier, quoteText} from '../engine/quote.js';
import {readKey} from '../engine/sent-as.js';
import {type Sql, sql} from '../engine/sql.js';
import type {Table} from '../table.js';
import type {Earlier, EarlierColumn} from './earlier.js';
import {isConstant, nameLostValues} from './lost-values.js';
import {isOurs, type OurComments} from './our-comments.js';
import {type Step, takeSteps, takeTogether} from './steps.js';

/**
 * A replaced table is a new one, so the staged table is given what the earlier one had beside its rows: columns that the new one lacks
 * (a published column is not dropped by a run in which it happens to be empty), comments on undeclared columns, collations, defaults,
 * NOT NULL and the primary key. `renamed`: columns whose values another one holds now. Returns a warning for each thing that is lost all the same.
 */
export async function carryOver(
  connection: DuckDBConnection,
  staged: Sql,
  table: Table,
  {place, columns: earlier, constraints, ours}: Earlier,
  renamed: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  if (earlier.length === 0) return [];
  const described = await queryRows(connection, sql`DESCRIBE ${staged}`);
  const made = new Map(described.map(([name, type]) => [foldCase(String(name)), String(type)]));
  const declared = new Set(Object.keys(table.columns).map(foldCase));
  const keys = new Set(table.primaryKey.map(foldCase));
  const columns = earlier.filter(({name}) => !renamed.has(foldCase(name)));
  const added: Step[] = [];
  const altered: Step[] = [];
  for (const column of columns) {
    const name = foldCase(column.name);
    const type = made.get(name);
    if (type === undefined) added.push(addColumn(staged, column));
    else {
      added.push(...giveDefault(staged, column));
      altered.push(...collate(staged, column, type));
    }
    if (!declared.has(name) && (type === undefined || !isDescribed(column, ours)))
      added.push(...comment(staged, column));
    if (!keys.has(name)) altered.push(...forbidNull(staged, column));
  }
  const constrain = constraints.map(({kind, text}) => ({
    what: `constraint ${text}`,
    statement: kind === 'PRIMARY KEY' ? sql`ALTER TABLE ${staged} ADD ${text}` : undefined,
  }));
  const carried = columns.filter(({name}) => !made.has(foldCase(name)));
  const take = columns.every(isSimple) ? takeTogether : takeSteps;
  const lost = [...(await take(connection, added)), ...(await takeSteps(connection, [...altered, ...constrain]))];
  return [...lost, ...(await nameLostValues(connection, place, carried))];
}

function isSimple({default: value}: EarlierColumn): boolean {
  return value === null || isConstant(value);
}

/** Adds the column with its default, which the rows then hold: a NOT NULL column needs that. */
function addColumn(staged: Sql, {name, type, collation, default: value}: EarlierColumn): Step {
  const collated = collation === null ? type : sql`${type} COLLATE ${collation}`;
  const statement = sql`ALTER TABLE ${staged} ADD COLUMN ${quoteIdentifier(name)} ${collated}`;
  const bare = {what: `column ${name} ${type}`, statement};
  if (value === null) return bare;
  return {what: `default of ${name} (${value})`, statement: sql`${statement} DEFAULT ${value}`, instead: bare};
}

function collate(staged: Sql, {name, type, collation}: EarlierColumn, madeType: string): Step[] {
  if (collation === null || madeType !== type) return [];
  const statement = sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} TYPE ${type} COLLATE ${collation}`;
  return [{what: `collation ${collation} of ${name}`, statement}];
}

/** Whether the comment is ours. Then it was already rewritten, with the key that the column holds now. */
function isDescribed({name, comment: text}: EarlierColumn, ours: OurComments): boolean {
  return text !== null && (readKey(text) !== null || isOurs({column: name, text}, ours));
}

function comment(staged: Sql, {name, comment: text}: EarlierColumn): Step[] {
  if (text === null) return [];
  const statement = sql`COMMENT ON COLUMN ${staged}.${quoteIdentifier(name)} IS ${quoteText(text)}`;
  return [{what: `comment on ${name}`, statement}];
}

function giveDefault(staged: Sql, {name, default: value}: EarlierColumn): Step[] {
  if (value === null) return [];
  const statement = sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET DEFAULT ${value}`;
  return [{what: `default of ${name} (${value})`, statement}];
}

function forbidNull(staged: Sql, {name, isNullable}: EarlierColumn): Step[] {
  if (isNullable) return [];
  return [
    {
      what: `NOT NULL of ${name}`,
      statement: sql`ALTER TABLE ${staged} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`,
    },
  ];
}
