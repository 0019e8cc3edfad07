/** Dispatch by duty. */
export { default as BatchDispatch } from './BatchDispatch.vue'
export { default as DisputeDesk } from './DisputeDesk.vue'
export { default as DutyTried } from './DutyTried.vue'
export { default as DutySuggestions } from './DutySuggestions.vue'
export { default as Proposals } from './Proposals.vue'
export { useDisputes, useDuties, useDutyTrial, useObligations, useSuggestions, type Dispute, type Duty, type DutyTrial, type Suggestion } from './queries'
