/** Organisations, people and posts. */
export { default as OrgPicker } from './OrgPicker.vue'
export { default as PostPicker } from './PostPicker.vue'
export { usePermissions } from './permissions'
export { searchOrgs, searchPeople, useOrgs, usePosts, useRoles, useRoleTitles, type Account, type Org, type Person, type Post, type Role } from './queries'
