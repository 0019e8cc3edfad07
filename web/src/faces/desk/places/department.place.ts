import type { Place } from './index'

export const place: Place = { name: 'department', path: '/department', icon: 'bars', key: 'm', can: ['overview.department'], order: 5, landing: 10, load: () => import('../pages/Department.vue') }
