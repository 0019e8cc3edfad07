import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'absence', group: 'people', can: ['roster.read'], load: () => import('./Absence.vue') }
