import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'vouched', group: 'people', can: ['account.manage'], load: () => import('./Vouched.vue') }
