/** The matter catalogue. */
export { default as ConditionPicker } from './ConditionPicker.vue'
export { default as MatterPicker } from './MatterPicker.vue'
export { searchClasses, useClass, useClasses, useTrees, type ClassRow, type Condition, type MatterClass } from './queries'
