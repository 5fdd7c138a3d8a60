import {isDate} from './invent-date.js';
import {mail} from './inventor.js';
import {isList, isMap, JsonNumber, type JsonTree} from './json-tree.js';
import type {Shape} from './shape.js';

/**
 * One line for each place: its path → how many values stand there and of which forms. `[]` steps into lists, and `{}` into members whose names are data.
 */
export function describeShape(shape: Shape, path = ''): ReadonlyMap<string, string> {
  const below = (step: string, inner: Shape | null) =>
    inner === null
      ? []
      : [...describeShape(inner, path === '' || step.startsWith('[') ? path + step : `${path}.${step}`)];
  const lines = new Map([
    ...[...shape.members].flatMap(([key, inner]) => below(key, inner)),
    ...below('{}', shape.others),
    ...below('[]', shape.elements),
  ]);
  const own = describeValues(shape.values);
  return new Map(path === '' ? lines : [[path, own], ...lines]);
}

/** How many values there are of each form: `20: text of digits, 5; null × 3`. */
function describeValues(values: readonly JsonTree[]): string {
  const forms = new Map<string, {count: number; sizes: number[]}>();
  for (const value of values) {
    const [form, size] = formOf(value);
    const found = forms.get(form) ?? {count: 0, sizes: []};
    found.count++;
    found.sizes.push(size);
    forms.set(form, found);
  }
  return [...forms].map(([form, {count, sizes}]) => `${count} × ${form}${describeSizes(sizes)}`).join(', ');
}

/** Sizes in powers of two: how long the longest is, exactly, nobody needs to know. */
function describeSizes(sizes: readonly number[]): string {
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  return largest === 0 ? '' : ` of up to ${2 ** Math.ceil(Math.log2(largest))}`;
}

function formOf(value: JsonTree): readonly [form: string, size: number] {
  if (value === null) return ['null', 0];
  if (typeof value === 'boolean') return [String(value), 0];
  if (isMap(value)) return ['object', value.size];
  if (isList(value)) return ['list', value.length];
  if (value instanceof JsonNumber)
    return [/^-?\d+$/.test(value.text) ? 'number, digits' : 'number with a fraction', value.text.length];
  return formOfText(value);
}

/** Each takes as many steps as the text has characters: of two parts in a row none can end where the other may. */
const forms: readonly (readonly [form: string, pattern: RegExp])[] = [
  ['blank text', /^\s*$/],
  ['text of digits, digits', /^[+-]?\d+$/],
  ['text with a fraction, characters', /^[+-]?\d+[.,]\d+$/],
  ['mail address, characters', mail],
  ['UUID, characters', /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i],
  ['URL, characters', /^([a-z][a-z\d+.-]*:)?\/\/\S+$/i],
  ['JSON or a list in a text, characters', /^\s*[[{].*[\]}]\s*$/s],
  ['text with markup, characters', /<\w[^<>]*>/],
];

function formOfText(text: string): readonly [form: string, size: number] {
  if (isDate(text)) return [`date ${/^[0\D]*$/.test(text) ? text : text.replaceAll(/\d/g, '9')}`, 0];
  const [form = 'text, characters'] = forms.find(([, pattern]) => pattern.test(text)) ?? [];
  return [form, text.length];
}
