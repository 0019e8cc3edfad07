import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'addresses', group: 'rules', can: ['place.read'], load: () => import('./Addresses.vue') }
