import type { Panel } from './index'

export const panel: Panel = { id: 'instruct', can: ['instruction.read'], order: 40, load: () => import('../InstructPanel.vue') }
