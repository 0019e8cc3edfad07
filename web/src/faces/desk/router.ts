import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import Inbox from './pages/Inbox.vue'
import { places } from './places'

/** Pages with a `can` are offered only to posts that may; the house refuses the rest anyway. */
const routes: RouteRecordRaw[] = [
  { path: '/', name: 'start', component: Inbox },
  { path: '/inbox/:view?/:id?', name: 'inbox', component: Inbox },
  { path: '/events/:id', name: 'event', redirect: (to) => ({ name: 'inbox', params: { view: 'open', id: to.params.id } }) },
  { path: '/call', name: 'call', component: () => import('./pages/Call.vue'), meta: { can: 'event.create' } },
  { path: '/tasks', name: 'tasks', component: () => import('./pages/Tasks.vue') },
  { path: '/alarms', name: 'alarms', component: () => import('./pages/Alarms.vue') },
  { path: '/disputes', name: 'disputes', component: () => import('./pages/Disputes.vue') },
  ...places.map((one) => ({ path: one.path, name: one.name, component: one.load, meta: { can: one.can[0] } })),
  { path: '/search', name: 'search', component: () => import('./pages/Search.vue') },
  { path: '/print/orders', name: 'print-orders', component: () => import('./pages/PrintOrders.vue'), meta: { can: 'event.read' } },
  { path: '/print/list', name: 'print-list', component: () => import('./pages/PrintList.vue'), meta: { can: 'event.read' } },
  { path: '/admin/:page?', name: 'admin', component: () => import('./pages/Admin.vue') },
  { path: '/:rest(.*)*', name: 'nowhere', component: () => import('./pages/Nowhere.vue') },
]

export const router = createRouter({ history: createWebHistory(), routes })
