/** Leaders' instructions: given, read, answered, withdrawn. */
export { default as GiveForm } from './GiveForm.vue'
export { default as InstructionList } from './InstructionList.vue'
export { useInstructions, useInstructionsOf, type Box, type Instruction } from './queries'
