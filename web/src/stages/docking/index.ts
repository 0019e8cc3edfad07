/** Links to other systems: how each is, what its codes mean, what waits, what travels back, the daily account. */
export { default as AccountList } from './AccountList.vue'
export { default as ActRows } from './ActRows.vue'
export { default as LinkForm } from './LinkForm.vue'
export { default as MappingTable } from './MappingTable.vue'
export { default as WaitingRows } from './WaitingRows.vue'
export { HEALTH_TONE, useLinks, type Link } from './queries'
export { default as DockingPanel } from './DockingPanel.vue'
export { default as FileList } from './FileList.vue'
