import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'retention', group: 'house', can: ['retention.read'], load: () => import('./Retention.vue') }
