import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'divisions', group: 'rules', can: ['place.read'], load: () => import('./Divisions.vue') }
