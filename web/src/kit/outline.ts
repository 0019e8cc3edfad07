/** Areas above others on a map: their lines lie over them, and from afar their names are the ones that one reads. */
import type { FeatureLike } from 'ol/Feature'
import MultiPolygon from 'ol/geom/MultiPolygon'
import Polygon from 'ol/geom/Polygon'
import { Fill, Stroke, Style, Text } from 'ol/style'
import { length, token } from '@/tokens'

/** From further away than so many metres a pixel, areas are called by the ones above them. */
export const FAR_M = 120

/** Where the name of an area goes: into its largest part. */
function heart(feature: FeatureLike) {
  const whole = feature.getGeometry()
  if (!(whole instanceof MultiPolygon)) return whole instanceof Polygon ? whole.getInteriorPoint() : undefined
  return whole.getPolygons().reduce((most, one) => (one.getArea() > most.getArea() ? one : most)).getInteriorPoint()
}

/** `lift`: so many pixels the name stands higher, clear of marks in the middle. */
export function outlineStyle(name: string, isFar: boolean, lift = 0): Style[] {
  const line = new Style({ stroke: new Stroke({ color: token('map-label'), width: length('hair') * 1.5 }), zIndex: 1 })
  if (!isFar) return [line]
  const stroke = new Stroke({ color: token('map-halo'), width: length('s1') })
  const text = new Text({ text: name, font: `600 ${length('t2')}px ${token('font')}`, fill: new Fill({ color: token('ink-2') }), stroke, offsetY: -lift })
  return [line, new Style({ geometry: heart, text, zIndex: 2 })]
}
