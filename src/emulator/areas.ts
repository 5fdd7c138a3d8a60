/** What each app answers that a tenant may lack. */
const paths = {
  instructor_led: /^\/course\/v1\/(courses\/[^/]+\/)?sessions|^\/learn\/v1\/(courses\/[^/]+\/sessions|location)/,
  learning_plans: /^\/learningplan\/v1\//,
  catalogs: /^\/learn\/v1\/catalog/,
  content: /^\/(learn\/v1\/channels|share\/v1\/assets)/,
  gamification: /^\/(share|manage)\/v1\/gamification\//,
  subscriptions: /^\/learn\/v1\/sub_/,
  surveys: /^\/learn\/v1\/survey\//,
} as const satisfies Readonly<Record<string, RegExp>>;

/** An area whose app may be switched off. */
export type OptionalArea = keyof typeof paths;

export const optionalAreas = Object.keys(paths) as readonly OptionalArea[];

/** Whether the app that answers the path is one of these. */
export function isOf(areas: readonly OptionalArea[], path: string): boolean {
  return areas.some(area => paths[area].test(path));
}
