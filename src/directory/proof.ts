import {asMembers} from '../json/members.js';
import {InvalidBodyError} from '../json/scanner.js';
import {refuseErrorBody} from '../source/lists/envelope.js';

/** What the JSON of a success says of a write: that it was done, that it failed, that it left this user out, or none of these. */
export type Proof = 'done' | 'failed' | 'left out' | 'none';

/** Members that name the users who were written (tables/API.md#writing-users): if there are any, this one is among them. */
const written = ['updated_ids', 'updated_id', 'deleted_user_ids'];
/** What the id of one user is called. The legacy API says `idst`; what the modern one calls that of a new user is not known (tables/API.md#writing-users). */
const ownId = ['user_id', 'idst', 'id', 'id_user'];

/** `userId`: whom the write is about, undefined for a new user. */
export function readProof(answer: unknown, userId?: string): Proof {
  const successes = readAll(answer, ['success']);
  // Docebo says in a success too that a write failed (tables/API.md#errors).
  if (successes.some(value => [false, 0, '0', 'false'].some(no => no === value))) return 'failed';
  if (isError(answer)) return 'none';
  const isSuccess = successes.some(value => [true, 1, '1', 'true'].some(yes => yes === value));
  if (userId === undefined) return isSuccess || findNewId(answer) !== undefined ? 'done' : 'none';
  const isNamedBy = (names: readonly string[]) => readAll(answer, names).flatMap(toIds).includes(userId);
  if (isNamedBy(['not_updated_ids'])) return 'left out';
  if (readAll(answer, written).length > 0) return isNamedBy(written) ? 'done' : 'none';
  return isSuccess || isNamedBy(ownId) ? 'done' : 'none';
}

/** Whether it is an error in a success, which may well name the user. */
function isError(answer: unknown): boolean {
  try {
    refuseErrorBody(answer, 1);
    return false;
  } catch (error) {
    if (error instanceof InvalidBodyError) return true;
    throw error;
  }
}

/** The id of a new user. */
export function findNewId(answer: unknown): string | undefined {
  return readAll(answer, ownId)
    .map(String)
    .find(text => /^[1-9]\d{0,18}$/.test(text));
}

/** All values of these names that are not null, in the order of the names. A reply has its members in `data`, in those of its list, or beside it. */
function readAll(answer: unknown, names: readonly string[]): readonly unknown[] {
  const root = asMembers(answer);
  const places = [...[root['data']].flat().map(asMembers), root];
  return names.flatMap(name => places.map(place => place[name])).filter(value => value !== undefined && value !== null);
}

/** PHP sends a list as an object if its keys are not 0, 1, 2. */
function toIds(value: unknown): readonly string[] {
  return (typeof value === 'object' && value !== null ? Object.values(value) : [value]).map(String);
}
