import type { Panel } from './index'

export const panel: Panel = { id: 'concern', can: [], order: 20, load: () => import('../ConcernPanel.vue') }
