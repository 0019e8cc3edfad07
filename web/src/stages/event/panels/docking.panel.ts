import type { Panel } from './index'

export const panel: Panel = { id: 'docking', can: ['event.read'], order: 60, shown: (event) => Boolean(event.foreign_no), load: async () => ({ default: (await import('@/stages/docking')).DockingPanel }) }
