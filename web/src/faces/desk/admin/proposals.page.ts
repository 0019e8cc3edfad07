import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'proposals', group: 'people', can: ['provider.manage'], load: () => import('./Proposals.vue') }
