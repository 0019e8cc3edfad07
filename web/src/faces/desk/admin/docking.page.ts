import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'docking', group: 'rules', can: ['docking.read'], load: () => import('./Docking.vue') }
