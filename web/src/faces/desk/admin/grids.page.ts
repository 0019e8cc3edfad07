import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'grids', group: 'rules', can: ['place.read'], load: () => import('./Grids.vue') }
