import type { Place } from '.'

export const place: Place = { name: 'knowledge', path: '/knowledge/:id?', icon: 'book', key: 'k', can: ['knowledge.read'], order: 24, load: () => import('../pages/Knowledge.vue') }
