import type { Place } from './index'

export const place: Place = { name: 'lead', path: '/lead', icon: 'bars', key: 'l', can: ['overview.lead'], order: 5, landing: 10, load: () => import('../pages/Lead.vue') }
