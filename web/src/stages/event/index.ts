/** Events: lists, one event whole, and the acts on it. */
export { default as ActForm } from './ActForm.vue'
export { default as EventDetail } from './EventDetail.vue'
export { default as EventList } from './EventList.vue'
export { chosen, fileUrl, uploadFile, useEvent, useEvents, useInbox, type EventFilter } from './queries'
export { useLikeness } from './likeness'
export { timeFacts, toneOf } from './tone'
export type { EventOut, EventRow, InboxView } from './types'
