import type { Panel } from './index'

export const panel: Panel = { id: 'dossier', can: ['dossier.read', 'reporter.read'], order: 90, load: () => import('../DossierPanel.vue') }
