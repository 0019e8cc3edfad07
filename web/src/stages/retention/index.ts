/** Holds: what keeps a matter from being erased. */
export { default as HoldButton } from './HoldButton.vue'
export { default as HoldMarks } from './HoldMarks.vue'
