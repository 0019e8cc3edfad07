import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'sheets', group: 'rules', can: ['sheet.use'], load: () => import('./Sheets.vue') }
