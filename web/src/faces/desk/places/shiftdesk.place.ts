import type { Place } from './index'

export const place: Place = { name: 'shiftdesk', path: '/shift', icon: 'bars', key: 'w', can: ['overview.shift'], order: 5, landing: 10, load: () => import('../pages/ShiftDesk.vue') }
