/** The pages of administration, in the order of the menu; `can` says who is offered one (one permission is enough).
 *  Every `*.page.ts` of this folder adds one, found by the build; its title is `ID.page` of `locale/ID.*.json`. */
import type { Component } from 'vue'

export interface AdminPage {
  id: string
  /** Where its title is, if not at `admin.page.ID`. */
  label?: string
  group: 'people' | 'rules' | 'house'
  can: string[]
  load: () => Promise<{ default: Component }>
}

const first: AdminPage[] = [
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

const found = import.meta.glob<{ page: AdminPage }>('./*.page.ts', { eager: true })
export const adminPages: AdminPage[] = [...first, ...Object.values(found).map(({ page }) => ({ ...page, label: `${page.id}.page` }))]
