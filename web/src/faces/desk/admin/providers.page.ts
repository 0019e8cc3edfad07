import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'providers', group: 'people', can: ['provider.manage'], load: () => import('./Providers.vue') }
