/** The knowledge base of the hotline. */
export { default as EntryForm } from './EntryForm.vue'
export { default as EntryText } from './EntryText.vue'
export { default as FoundList } from './FoundList.vue'
export { useCorrections, useEditions, useEntries, useEntry, useFound, useGaps, type Correction, type Entry, type EntryView, type Gap } from './queries'
