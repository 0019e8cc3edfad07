/** What an event concerns: components, places, people. */
export { KINDS, ROLES, useConcern, useProposed, type ConcernedPerson } from './queries'
