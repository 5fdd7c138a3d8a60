import {displayWidth} from './display-width.js';

/** Breaks plain text into lines of at most `width` columns: between words, and inside a word that is longer than a line. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap(line => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && displayWidth(current) + 1 + displayWidth(word) > width) {
      lines.push(current);
      current = '';
    } else if (current !== '') {
      current += ' ';
    }
    current += word;
    while (displayWidth(current) > width) {
      lines.push(current.slice(0, width));
      current = current.slice(width);
    }
  }
  return [...lines, current];
}
