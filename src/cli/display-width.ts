import {stripVTControlCharacters} from 'node:util';

/** What nearly every text consists of: Latin and dashes, quotes, dots. The other patterns are compiled when they are needed. */
const narrow = /^[ -~\u00a0-\u02ff\u2010-\u2027]*$/;
/** Hangul, CJK, full-width forms and pictographs take two columns of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
/** Combining marks, joiners, variation selectors and control characters take none. */
const zero = /[\p{M}\p{Cf}\p{Cc}]/u;

/**
 * Columns of a terminal that a line takes. Right but for emoji joined into one: to know those too takes patterns that cost
 * 20 ms at every start, as much as Node itself.
 */
export function displayWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (!zero.test(character)) width += wide.test(character) ? 2 : 1;
  }
  return width;
}
