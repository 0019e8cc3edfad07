/** Flows as data: their versions, and the drafts that people write. */
export { default as FlowPicture } from './FlowPicture.vue'
export { default as FlowTryOut } from './FlowTryOut.vue'
export { default as StageForm } from './StageForm.vue'
export { default as StateForm } from './StateForm.vue'
export { default as VerbForm } from './VerbForm.vue'
export { default as WholeForm } from './WholeForm.vue'
export { blankOf, History, placeOf, renameIn, type Definition, type Part, type Place } from './definition'
export { checkDefinition, useDraft, useDrafts, useFlow, useVocabulary, type Check, type Draft, type DraftRow, type Flow, type FlowTrial, type Vocabulary } from './queries'
