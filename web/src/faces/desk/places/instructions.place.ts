import type { Place } from './index'

export const place: Place = { name: 'instructions', path: '/instructions', icon: 'flag', key: 'n', can: ['instruction.read'], order: 55, load: () => import('../pages/Instructions.vue') }
