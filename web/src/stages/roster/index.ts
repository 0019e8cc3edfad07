/** Rotas, leave, stand-ins, hand-over: who is there when, and what one shift leaves to the next. */
export { default as LeaveList } from './LeaveList.vue'
export { default as PatternForm } from './PatternForm.vue'
export { default as RotaGrid } from './RotaGrid.vue'
export { default as ShiftForm } from './ShiftForm.vue'
export { default as StandInList } from './StandInList.vue'
export { default as SwapList } from './SwapList.vue'
export { clockText, dayOf, daysOf, momentOf, monthOf } from './days'
export {
  useFindings,
  useHandOver,
  useHandOvers,
  useMatters,
  useMyShifts,
  useNotices,
  useOnDuty,
  usePatterns,
  useShifts,
  useSince,
  useSwaps,
  type Finding,
  type HandOver,
  type Leave,
  type Pattern,
  type Shift,
  type StandIn,
  type Swap,
} from './queries'
