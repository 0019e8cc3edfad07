import type { Place } from './index'

export const place: Place = { name: 'handover', path: '/handover', icon: 'clock', key: 'o', can: ['shift.use'], order: 60, load: () => import('../pages/HandOver.vue') }
