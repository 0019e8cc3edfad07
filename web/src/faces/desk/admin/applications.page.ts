import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'applications', group: 'people', can: ['application.manage'], load: () => import('./Applications.vue') }
