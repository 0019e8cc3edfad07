import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'rota', group: 'people', can: ['roster.read'], load: () => import('./Rota.vue') }
