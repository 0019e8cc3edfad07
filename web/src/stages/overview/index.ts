/** What the shift leader, the department and the leader look at first, and what a desk remembers. */
export { default as Bars } from './Bars.vue'
export { default as Behind } from './Behind.vue'
export { default as Shares } from './Shares.vue'
export { useBehind, useDepartment, useLead, useMemory, useShift, type Bar, type Load, type Queue, type Repeat } from './queries'
