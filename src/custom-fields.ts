/** What the tenant says about one of its additional fields, whose values are sent under a key such as `field_3`. */
export interface CustomField {
  readonly title: string;
  readonly type: string | null;
  /** The name that a column gets from the title. It is given once and stays if the title changes. */
  readonly name: string;
  /** Id → label, of a drop-down whose options are known. */
  readonly options: Readonly<Record<string, string>>;
}

/** The additional fields of a table by the key of their values, as far as they are known, and what their columns are named after. */
export interface CustomFields {
  readonly namedBy: 'id' | 'title';
  readonly byKey: ReadonlyMap<string, CustomField>;
  readonly warnings: readonly string[];
}

export const noCustomFields: CustomFields = {namedBy: 'id', byKey: new Map(), warnings: []};
