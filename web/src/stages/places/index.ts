/** Where things are. */
export { default as CityMap } from './CityMap.vue'
export { searchAddresses, useLayer, useLayers, usePlaceAt, type Address, type PlaceAt } from './queries'
