import {inspect} from 'node:util';

/** Holds a credential: printing, JSON and inspection give `***`, and `redact` hides it from then on. Only `reveal()` returns it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    hide(value);
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** Makes `redact` hide the password of a URI such as `postgres://user:password@host` or `ducklake:postgres:password=…`, wherever it stands in a text. */
export function hidePasswordIn(text: string): void {
  const [, password] = /:\/\/[^:@/]*:(.+)@/s.exec(text) ?? [];
  if (password !== undefined) hide(password);
  if (!/^(--?dest-?uri=)?(ducklake|md):/i.test(text)) return;
  for (const [, quoted, bare = ''] of text.matchAll(/password\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))/gis))
    hide((quoted ?? bare).replace(/\\(.)/gs, '$1'));
  for (const [, token = ''] of text.matchAll(/motherduck_token=([^&\s]*)/gi)) hide(token);
}

/** A shorter secret is not hidden by its value, because it is part of too many words. */
const shortest = 4;
/** A shorter secret may be part of a word, so it is hidden only where it stands alone. */
const shortestAnywhere = 8;
/** The base64 of fewer bytes may occur in any text. */
const shortestInBase64 = 6;

interface Needle {
  /** In normal form, and joined up unless it is a word. */
  readonly text: string;
  /** Whether it is hidden only where no letter or digit is next to it. */
  readonly isWord: boolean;
}

/** Every secret of this process, in normal form: any server that was sent one may repeat it. */
const needles = new Map<string, Needle>();

/** Makes `redact` hide a credential that no object holds. */
export function hide(secret: string): void {
  // `inspect` shows a PEM key line by line. Its first and last line are not secret.
  for (const line of secret.split(/[\r\n]+/).map(text => text.trim())) {
    const {text} = normalise(line);
    if (text.length < shortest || line.startsWith('-----')) continue;
    addNeedle(text, text.length < shortestAnywhere);
    // A secret may hold what looks like an escape. It may then come with each of its characters escaped, or as it is.
    const plain = Buffer.from(line).toString('latin1').toLowerCase().replaceAll('\\', '').replaceAll('+', ' ');
    if (plain.length >= shortest) addNeedle(plain, plain.length < shortestAnywhere);
    for (const encoded of [Buffer.from(line).toString('hex'), ...inBase64(line)]) addNeedle(encoded, false);
  }
}

/** A short secret may happen to span two words, so it is looked for in the text as it is, and any other one in the text that is joined up. */
function addNeedle(normal: string, isWord: boolean): void {
  const text = isWord ? normal : normal.replaceAll(between, '');
  // Of characters without width nothing may be left.
  if (text.length >= shortest) needles.set(normal, {text, isWord});
}

/** Replaces each secret of this process with `***`, whether plain, in base64, in hexadecimal, or escaped for a URL, a form, JSON or HTML. */
export function redact(text: string): string {
  // As long as no secret is known, as where tables are listed, looking for some took a third of the time.
  if (needles.size === 0) return text;
  const normal = normalise(text);
  const joined = joinUp(normal);
  const found = [...needles.values()].flatMap(needle => find(needle, needle.isWord ? normal : joined));
  if (found.length === 0) return text;
  let result = '';
  let copied = 0;
  for (const {start, end} of found.sort((one, other) => one.start - other.start)) {
    if (start >= copied) result += `${text.slice(copied, start)}***`;
    copied = Math.max(copied, end);
  }
  return result + text.slice(copied);
}

/** What a server said, without secrets and shortened for a log. Secrets go first: a text cut before that may begin or end within one. */
export function excerpt(text: string, mostCharacters = 300): string {
  const hidden = redact(text);
  return hidden.length > mostCharacters ? `${hidden.slice(0, mostCharacters)}…` : hidden;
}

interface Normal {
  /** The bytes of the unescaped text in lower case, one character each. */
  readonly text: string;
  /** Where in the text each byte begins, and where it ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** HTML 5's names of ASCII characters. */
const named: Readonly<Record<string, string>> = {
  ...{quot: '"', apos: "'", lt: '<', gt: '>', amp: '&', tab: '\t', newline: '\n', nbsp: ' ', excl: '!', num: '#'},
  ...{dollar: '$', percnt: '%', lpar: '(', rpar: ')', ast: '*', midast: '*', plus: '+', comma: ',', period: '.'},
  ...{sol: '/', colon: ':', semi: ';', equals: '=', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\'},
  ...{rsqb: ']', rbrack: ']', hat: '^', lowbar: '_', underbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|'},
  ...{vert: '|', verticalline: '|', rcub: '}', rbrace: '}', hyphen: '-', dash: '-', tilde: '~'},
};

const byLength = (one: string, other: string) => other.length - one.length;

const escapes = [
  String.raw`\\+u\{0*(?<braced>[\da-f]{1,6})\}`,
  String.raw`\\+u(?<high>d[89ab][\da-f]{2})\\+u(?<low>d[c-f][\da-f]{2})`,
  String.raw`\\+u(?<unit>[\da-f]{4})`,
  String.raw`\\+x(?<code>[\da-f]{2})`,
  String.raw`%(?:25)*(?<byte>[\da-f]{2})`,
  String.raw`%u(?<wide>[\da-f]{4})`,
  String.raw`&(?:amp;)*#0*(?<decimal>\d{1,7});?`,
  String.raw`&(?:amp;)*#x0*(?<point>[\da-f]{1,6});?`,
  `&(?:amp;)*(?<name>${Object.keys(named).sort(byLength).join('|')});?`,
];
const pieces = new RegExp(`${escapes.join('|')}|\\\\+|[^\\\\%&+\\u0080-\\u{10ffff}]+|[^]`, 'giu');

/** Gives one form for all ways to escape a text, even several times. Backslashes are left out; a plus is a blank. */
function normalise(text: string): Normal {
  let bytes = '';
  const [starts, ends]: [number[], number[]] = [[], []];
  for (const {0: piece, index, groups = {}} of text.matchAll(pieces)) {
    const decoded = decode(piece, groups);
    const plain = decoded.startsWith('\\') ? '' : decoded === '+' ? ' ' : decoded;
    bytes += plain;
    const isRun = plain.length === piece.length;
    for (let i = 0; i < plain.length; i++) {
      starts.push(isRun ? index + i : index);
      ends.push(isRun ? index + i + 1 : index + piece.length);
    }
  }
  return {text: bytes.toLowerCase(), starts, ends};
}

/** Decodes a piece into bytes, one character each. */
function decode(piece: string, {high, low, unit, code, braced, wide, byte, decimal, point, name}: Groups): string {
  if (byte !== undefined) return String.fromCharCode(fromHex(byte));
  if (name !== undefined) return named[name.toLowerCase()] ?? '';
  if (high !== undefined) return toBytes(String.fromCharCode(fromHex(high), fromHex(low)));
  const codePoint = decimal === undefined ? fromHex(unit ?? code ?? braced ?? wide ?? point) : Number(decimal);
  return toBytes(codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : piece);
}

type Groups = Readonly<Record<string, string | undefined>>;

/** NaN if there are no digits. */
function fromHex(digits: string | undefined): number {
  return Number.parseInt(digits ?? '', 16);
}

function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function find({text: needle, isWord}: Needle, {text, starts, ends}: Normal): readonly Place[] {
  const places: Place[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const end = at + needle.length;
    const standsAlone = !isInWord(text[at - 1]) && !isInWord(text[end]);
    if (standsAlone || !isWord) places.push({start: starts[at] ?? 0, end: ends[end - 1] ?? 0});
  }
  return places;
}

/** Blanks, NUL and characters without width, as bytes. */
const between = /[\s\0]+|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xef\xbb\xbf/g;

/** Removes what may come between two characters of a secret, such as the line ends of wrapped base64. */
function joinUp({text, starts, ends}: Normal): Normal {
  let joined = '';
  const kept: [number[], number[]] = [[], []];
  let from = 0;
  for (const {0: gap, index} of [...text.matchAll(between), {0: '', index: text.length}]) {
    joined += text.slice(from, index);
    for (let at = from; at < index; at++) {
      kept[0].push(starts[at] ?? 0);
      kept[1].push(ends[at] ?? 0);
    }
    from = index + gap.length;
  }
  return {text: joined, starts: kept[0], ends: kept[1]};
}

/** The range from U+0080 holds the bytes of letters beyond ASCII. */
function isInWord(character = ''): boolean {
  return /[\w\u0080-\u00ff]/.test(character);
}

/**
 * The base64 of a secret depends on how many bytes come before it, as in the `client:secret` of a Basic header. The first and the last
 * character are left out if they hold bits of its neighbours.
 */
function inBase64(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  if (bytes.length < shortestInBase64) return [];
  return [0, 1, 2].flatMap(before => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const [first, end] = [Math.ceil((before * 8) / 6), Math.floor((shifted.length * 8) / 6)];
    return (['base64', 'base64url'] as const).map(
      encoding => normalise(shifted.toString(encoding).slice(first, end)).text,
    );
  });
}
