import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'components', group: 'rules', can: ['component.read'], load: () => import('./Components.vue') }
