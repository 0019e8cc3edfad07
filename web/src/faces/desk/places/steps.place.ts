import type { Place } from './index'

export const place: Place = { name: 'steps', path: '/steps/:role?', icon: 'steps', key: 'h', can: [], order: 95, load: () => import('../pages/Steps.vue') }
