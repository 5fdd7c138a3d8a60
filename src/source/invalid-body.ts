/** The body is not one whole valid JSON value: cut short, garbled, or not JSON at all. */
export class InvalidBodyError extends Error {
  override readonly name = 'InvalidBodyError';
}
