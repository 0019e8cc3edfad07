/** Dispatch by duty. */
export { default as BatchDispatch } from './BatchDispatch.vue'
export { default as DisputeDesk } from './DisputeDesk.vue'
export { default as DutySuggestions } from './DutySuggestions.vue'
export { default as Proposals } from './Proposals.vue'
export { useDisputes, useDuties, useObligations, useSuggestions, type Dispute, type Duty, type Suggestion } from './queries'
