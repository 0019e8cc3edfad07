/** Spreadsheets of every kind: what there is, files handed in, how far an import is. */
export { default as SheetButtons } from './SheetButtons.vue'
export { default as SheetCounts } from './SheetCounts.vue'
export { default as SheetErrors } from './SheetErrors.vue'
export { default as SheetIn } from './SheetIn.vue'
export { useKinds, useSheetImports, type SheetImport, type SheetKind } from './queries'
