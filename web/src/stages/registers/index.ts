/** The component register. */
export { STATES, useComponent, useComponentMap, useComponents, useEditions, useEventsOf, useKinds, type Component, type ComponentKind, type ComponentState, type Filter } from './queries'
