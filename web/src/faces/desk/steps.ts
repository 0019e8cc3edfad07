/** The first steps of each role: the keys (or the page) that tick a step. The words are `steps.ROLE.N`. */
export const STEPS: Record<string, string[]> = {
  clerk: ['g i', 'j', 'a', 'm', 'g c'],
  shift_leader: ['g w', '1', 'mod+Enter', 'g i', 'o'],
  dispatcher: ['g i', 'j', 'd', 'x', 'g d'],
  dept_lead: ['g m', 'j', 'mod+Enter', 'g n', 'g d'],
  handler: ['g e', 'j', 'mod+Enter'],
  patrol: ['g t', 'j', 'mod+Enter', 'g c'],
  hotline_operator: ['g c', 'mod+Enter', '/', 'g i'],
  call_back: ['g i', 'j', '4', 'mod+Enter'],
  supervisor: ['g l', 'g i', 'j', 'g d', 'g n'],
  leader: ['g l', '1', 'g i', 'g n'],
  grid_worker: ['g c', 'mod+Enter', 'g i'],
  town_officer: ['g e', 'g m', 'o', 'g n'],
  data_steward: ['g a', 'path:/admin/duties', 'path:/admin/matters'],
  evaluator: ['g i', 'j', '2', 'g s'],
  system_admin: ['g a', 'path:/admin/accounts', 'path:/admin/settings', 'path:/admin/dead'],
  security_admin: ['g a', 'path:/admin/roles', 'path:/admin/why'],
  audit_admin: ['g a', 'path:/admin/journal', 'path:/admin/why'],
  case_auditor: ['g a', 'path:/admin/sampling', 'g i'],
}

/** Drills: what is really done, as the house has taken it, and at which place. The words are `steps.drill.ROLE.N`. They are
 *  offered where nothing is real: in the demo and in a city to practise in. */
export interface Drill {
  place: string
  /** What a change must look like to tick the step. */
  done: RegExp
}

const act = (verbs: string) => new RegExp(`/acts/(${verbs})$`)
const report: Drill = { place: 'call', done: /POST \/api\/(reports|calls\/[^/]+\/order)$/ }
const look: Drill = { place: 'tasks', done: /\/acts\/(verify_done|check_pass|check_fail)$|\/api\/tasks\// }

export const DRILLS: Record<string, Drill[]> = {
  hotline_operator: [report, { place: 'inbox', done: act('classify|answer|sign') }, { place: 'hotline', done: /\/api\/calls\/[^/]+\/close$/ }],
  clerk: [{ place: 'inbox', done: act('accept|send_verify') }, { place: 'inbox', done: /\/merge$/ }, { place: 'inbox', done: act('send_check') }],
  shift_leader: [{ place: 'shiftdesk', done: act('register') }, { place: 'shiftdesk', done: act('close') }],
  dispatcher: [{ place: 'inbox', done: act('dispatch') }, { place: 'inbox', done: act('(accept|refuse)_return|(grant|refuse)_extension|(approve|refuse)_suspension|recall|add_assistant') }],
  dept_lead: [{ place: 'department', done: act('receive|sign') }, { place: 'department', done: act('assign') }, { place: 'department', done: act('confirm|redo_inside|reject_reply') }],
  town_officer: [{ place: 'department', done: act('receive|sign') }, { place: 'department', done: act('assign|start') }],
  handler: [{ place: 'simple', done: act('start|contact') }, { place: 'simple', done: act('submit|reply') }],
  patrol: [report, look],
  grid_worker: [report, look],
  call_back: [{ place: 'inbox', done: act('visit|attempt_visit') }, { place: 'inbox', done: act('close|redo') }],
  supervisor: [{ place: 'disputes', done: act('designate') }, { place: 'inbox', done: act('supervise') }],
  leader: [{ place: 'inbox', done: /\/api\/instructions$|\/acts\/instruct$/ }],
}
