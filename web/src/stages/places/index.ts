/** Where things are. */
export { default as CityMap } from './CityMap.vue'
export { searchAddresses, useLayer, useLayerPart, useLayers, usePlaceAt, type Address, type PlaceAt } from './queries'
