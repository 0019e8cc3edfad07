import type { Place } from '.'

export const place: Place = { name: 'hotline', path: '/calls', icon: 'calls', key: 'p', can: ['call.read'], order: 22, load: () => import('../pages/Calls.vue') }
