import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'hotline', group: 'rules', can: ['hotline.read', 'hotline.manage'], load: () => import('./Hotline.vue') }
