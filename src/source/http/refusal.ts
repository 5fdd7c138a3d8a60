import type {RefusalDetails} from '../../errors.js';
import {asMembers} from '../../json/members.js';
import {excerpt} from '../../secret.js';

/**
 * What a refusal says in words, and what it names. `message` is a list of texts, or of `{id, message}` where `id` is the field at fault; these may be in
 * `data` (tables/API.md#errors). The token endpoint and the legacy API have an `error` (tables/API.md#token-errors).
 */
export interface Refused extends RefusalDetails {
  /** Name and message, as one text; empty if it says nothing. */
  readonly said: string;
}

/** Reads the body of a refusal, or of a success that is none. Everything is shortened and without secrets. */
export function readRefusal(body: unknown): Refused {
  const root = asMembers(body);
  const places = [root, asMembers(root['data']), asMembers([root['data']].flat()[0])];
  const parts = places.flatMap(place => [place['message'], place['errors']]).flatMap(readParts);
  const first = (...names: readonly string[]) =>
    names.flatMap(name => places.map(place => asText(place[name]))).find(text => text !== '') ?? '';
  const message = [...new Set(parts.map(({text}) => text).filter(text => text !== ''))].join(' ');
  const field = parts.find(part => part.field !== '')?.field ?? first('field');
  const error = first('error', 'name');
  const errorDescription = first('error_description') || message;
  const said = [asText(root['name']), message || first('error_description') || asText(root['error'])];
  return {
    said: excerpt(said.filter(part => part !== '').join(': ')),
    ...(error !== '' && {error: excerpt(error)}),
    ...(errorDescription !== '' && {errorDescription: excerpt(errorDescription)}),
    ...(field !== '' && {field: excerpt(field)}),
  };
}

/** Like `readRefusal`; of a body that is no JSON, or longer than what is read of it, nothing is known. */
export function parseRefusal(body: Buffer): Refused {
  try {
    return readRefusal(JSON.parse(body.toString('utf8', 0, 2000)));
  } catch {
    return {said: ''};
  }
}

function readParts(value: unknown): readonly {readonly text: string; readonly field: string}[] {
  if (Array.isArray(value)) return value.flatMap(readParts);
  const members = asMembers(value);
  const isPart = asText(members['message']) !== '';
  if (isPart) return [{text: asText(members['message']), field: asText(members['id'] ?? members['field'])}];
  // As validators of PHP frameworks say it: {"email": ["Email is not valid."]}.
  const named = Object.entries(members).flatMap(([field, texts]) =>
    [texts].flat().map(text => ({text: asText(text), field})),
  );
  const text = asText(value);
  return text === '' ? named : [{text, field: ''}];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
