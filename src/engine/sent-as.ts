import type {CustomField} from '../custom-fields.js';

/**
 * The comment on an undeclared column. It tells the next run which key the column holds, in case two keys would get one name, and that
 * its values were sent rather than added by somebody.
 */
export function describeKey(key: string): string {
  return `Sent as ${JSON.stringify(key)}, which is not declared.`;
}

/** The comment on a column of a report, which declares none. */
export function describeHeading(key: string): string {
  return `The report's column ${JSON.stringify(key)}.`;
}

/** Stands for the labels of the options that a key holds, as if they were sent under a key of their own. */
export function labelsOf(key: string): string {
  return `${key} label`;
}

/** The comment on a column of labels. */
export function describeLabels(key: string, isTitled = false): string {
  return `Labels of the options whose ids are sent as ${JSON.stringify(key)}.${isTitled ? titled : ''}`;
}

const titled = ' The column is named after its title.';

/** The same, with what the tenant says of an additional field. */
export function describeField(key: string, field: CustomField | undefined, isTitled = false): string {
  if (field === undefined) return describeKey(key);
  const type = field.type === null ? '' : ` (${field.type})`;
  return `${describeKey(key)} Its title is ${JSON.stringify(field.title)}${type}.${isTitled ? titled : ''}`;
}

/** Whether the comment says that the column is named after a title. */
export function isTitled(comment: string | null): boolean {
  return readKey(comment) !== null && (comment ?? '').endsWith(titled);
}

/** The key that a comment names; null for any other comment. */
export function readKey(comment: string | null): string | null {
  const [, sent, labelled, heading] = ours.exec(comment ?? '') ?? [];
  const quoted = sent ?? labelled ?? heading;
  if (quoted === undefined) return null;
  try {
    const key = String(JSON.parse(quoted));
    return labelled === undefined ? key : labelsOf(key);
  } catch {
    return null;
  }
}

const quotedKey = String.raw`("(?:[^"\\]|\\.)*")`;
const ours = new RegExp(
  `^(?:Sent as ${quotedKey}, which is not declared\\.(?: Its title is ".*)?|Labels of the options whose ids are sent as ${quotedKey}\\..*|The report's column ${quotedKey}\\.)$`,
  's',
);
