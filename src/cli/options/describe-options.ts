import type {Options} from 'yargs';

/** The flags of a command as a Markdown table. */
export function describeOptions(options: Readonly<Record<string, Options>>): string {
  const rows = Object.entries(options).map(([flag, option]) => [
    `\`--${option.default === true ? `no-${flag}` : flag}\``,
    describeValues(option),
    describeDefault(option),
    option.description ?? '',
  ]);
  return [['Flag', 'Takes', 'Default', 'What it does'], ['---', '---', '---', '---'], ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
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
