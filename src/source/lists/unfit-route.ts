/** A route that does not fit what the tenant sends, although nothing refuses it. */
export class UnfitRouteError extends Error {
  override readonly name = 'UnfitRouteError';
}
