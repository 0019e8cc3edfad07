import type { AdminPage } from './pages'

export const page: AdminPage = { id: 'sampling', group: 'house', can: ['sample.draw'], load: () => import('./Sampling.vue') }
