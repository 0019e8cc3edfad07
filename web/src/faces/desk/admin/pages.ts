/** The pages of plain administration, in the order of the menu; `can` says who is offered one. */
import type { Component } from 'vue'

export interface AdminPage {
  id: string
  group: 'people' | 'rules' | 'house'
  can: string[]
  load: () => Promise<{ default: Component }>
}

export const adminPages: AdminPage[] = [
  { id: 'orgs', group: 'people', can: ['org.read'], load: () => import('./Orgs.vue') },
  { id: 'people', group: 'people', can: ['org.read'], load: () => import('./People.vue') },
  { id: 'accounts', group: 'people', can: ['account.manage'], load: () => import('./Accounts.vue') },
  { id: 'sessions', group: 'people', can: [], load: () => import('./Sessions.vue') },
  { id: 'roles', group: 'people', can: ['org.read'], load: () => import('./Roles.vue') },
  { id: 'why', group: 'people', can: ['role.grant', 'rights.explain'], load: () => import('./Why.vue') },
  { id: 'duties', group: 'rules', can: ['duty.read'], load: () => import('./Duties.vue') },
  { id: 'matters', group: 'rules', can: ['matter.read'], load: () => import('./Matters.vue') },
  { id: 'calendar', group: 'rules', can: ['calendar.read'], load: () => import('./Calendar.vue') },
  { id: 'flows', group: 'rules', can: ['flow.read'], load: () => import('./Flows.vue') },
  { id: 'settings', group: 'house', can: ['settings.manage'], load: () => import('./Settings.vue') },
  { id: 'dead', group: 'house', can: ['dead_letter.manage'], load: () => import('./DeadLetters.vue') },
  { id: 'journal', group: 'house', can: ['audit.read'], load: () => import('./Journal.vue') },
]
