import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'webhooks', group: 'people', can: ['application.manage'], load: () => import('./Webhooks.vue') }
