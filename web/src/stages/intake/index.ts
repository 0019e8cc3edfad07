/** Taking reports. */
export { default as ChangedRows } from './ChangedRows.vue'
export { useDraft } from './draft'
export { blankCall, bodyOf, gapsOf, isBlank, restoreCall, SendOnce, type CallForm } from './form'
export { useDuplicates, useHistory, useSettled } from './queries'
