/** Dispatch by duty. */
export { default as DutySuggestions } from './DutySuggestions.vue'
export { useDisputes, useDuties, useObligations, useSuggestions, type Dispute, type Duty, type Suggestion } from './queries'
