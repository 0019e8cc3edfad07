import type { Place } from './index'

export const place: Place = { name: 'evaluate', path: '/evaluate', icon: 'scale', key: 'v', can: ['evaluate.read'], order: 70, load: () => import('../pages/Evaluate.vue') }
