/** Calls of the hotline. */
export { default as DayBars } from './DayBars.vue'
export { default as OutcomeDialog } from './OutcomeDialog.vue'
export { default as SeatBar } from './SeatBar.vue'
export { useCallerHistory, useCalls, useEmergencies, useFigures, useMissed, useOutcomes, useSeat, type Call, type Emergency, type Missed, type Outcome } from './queries'
export { useLine, type Ending, type Line } from './line'
