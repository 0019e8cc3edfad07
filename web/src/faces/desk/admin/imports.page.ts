import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'imports', group: 'rules', can: ['import.run'], load: () => import('./Imports.vue') }
