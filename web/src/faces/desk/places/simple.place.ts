import type { Place } from './index'

export const place: Place = { name: 'simple', path: '/simple/:id?', icon: 'tasks', key: 'e', can: ['overview.simple'], order: 8, load: () => import('../pages/Simple.vue') }
