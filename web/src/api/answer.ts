import type { paths } from './schema'

/** What a GET of this path answers; for shapes whose name is taken twice in the house. */
export type Answer<P extends keyof paths> = paths[P] extends {
  get: { responses: { 200: { content: { 'application/json': infer A } } } }
}
  ? A
  : never
