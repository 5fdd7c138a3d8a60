import type {Options} from 'yargs';

/** The flags of a command as a Markdown table, under the headings of their groups, in the order in which these first occur. */
export function describeOptions(options: Readonly<Record<string, Options>>): string {
  const groups = new Set(Object.values(options).map(({group}) => group));
  const rows = [...groups].flatMap(group => [
    [`**${group}**`, '', '', ''],
    ...Object.entries(options).flatMap(([flag, option]) => (option.group === group ? [describe(flag, option)] : [])),
  ]);
  return [['Flag', 'Takes', 'Default', 'What it does'], ['---', '---', '---', '---'], ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function describe(flag: string, option: Options): readonly string[] {
  const name = `\`--${option.default === true ? `no-${flag}` : flag}\``;
  return [name, describeValues(option), describeDefault(option), option.description ?? ''];
}

function describeValues({choices, type}: Options): string {
  if (choices !== undefined)
    return [choices]
      .flat()
      .map(choice => `\`${choice}\``)
      .join(', ');
  if (type === 'boolean') return '';
  return type === 'number' ? 'number' : type === 'array' ? 'names' : 'text';
}

function describeDefault({default: value, demandOption, type}: Options): string {
  if (demandOption === true) return 'required';
  return value === undefined || type === 'boolean' ? '' : `\`${value}\``;
}
