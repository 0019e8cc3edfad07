import { defineAsyncComponent } from 'vue'

export { default as Btn } from './Btn.vue'
export { default as Combo } from './Combo.vue'
export { default as EditForm, type EditField } from './EditForm.vue'
export { default as Facts } from './Facts.vue'
export { default as Field } from './Field.vue'
export { default as HelpOverlay } from './HelpOverlay.vue'
export { default as HelpTip } from './HelpTip.vue'
export { default as Icon } from './Icon.vue'
export { default as Modal } from './Modal.vue'
export { default as Panes, type Pane } from './Panes.vue'
export { default as Shape } from './Shape.vue'
export { default as StateView } from './StateView.vue'
export { default as Tabs } from './Tabs.vue'
export { default as Tag } from './Tag.vue'
export { default as TimeLeft } from './TimeLeft.vue'
export { default as Toasts } from './Toasts.vue'
export { useFormat } from './format'
export { keymap, listenKeys, useKeys, type Binding } from './keys'
export { DAY_MS, dayFromNow, dayOf, OFFSET, startOf, ZONE } from './city'
export { houseNow, setHouseTime, useNow } from './now'
export { readTime, type TimeFacts, type TimeReading, type Tone } from './time'
export { dismiss, say, toasts } from './toasts'
export type { Marker, VectorLayerSource } from './MapView.vue'

/** Heavy parts come when they are first shown. */
export const MapView = defineAsyncComponent(() => import('./MapView.vue'))
export const DateTime = defineAsyncComponent(() => import('./DateTime.vue'))
