/** The map under the layers: tiles by {x} {y} {z}, or a WMTS (also in EPSG:4490, the degrees of CGCS2000). */
import { get as projection, addProjection, addEquivalentProjections, type ProjectionLike } from 'ol/proj'
import Projection from 'ol/proj/Projection'
import type TileSource from 'ol/source/Tile'
import WMTS from 'ol/source/WMTS'
import XYZ from 'ol/source/XYZ'
import WMTSTileGrid from 'ol/tilegrid/WMTS'

export interface BaseMap {
  url: string
  /** EPSG:3857, EPSG:4326 or EPSG:4490. */
  matrix_set?: string
  layer?: string
  levels?: number
}
const DEGREES = 'EPSG:4490'
const LARGEST = 180 / 256
const LARGEST_M = (20037508.342789244 * 2) / 256

/** EPSG:4490 differs from EPSG:4326 by centimetres: the same degrees. */
function degrees(): ProjectionLike {
  if (!projection(DEGREES)) {
    const own = new Projection({ code: DEGREES, units: 'degrees', axisOrientation: 'neu', extent: [-180, -90, 180, 90], worldExtent: [-180, -90, 180, 90], global: true })
    addProjection(own)
    const same = projection('EPSG:4326')
    if (same) addEquivalentProjections([own, same])
  }
  return DEGREES
}

/** A WMTS when the address names {TileMatrix}, tiles otherwise. */
export function baseSource(base: BaseMap): TileSource {
  if (!/{TileMatrix}/i.test(base.url)) return new XYZ({ url: base.url })
  const levels = base.levels ?? 19
  const inDegrees = base.matrix_set !== 'EPSG:3857'
  const largest = inDegrees ? LARGEST : LARGEST_M
  const ids = Array.from({ length: levels }, (_, n) => String(inDegrees ? n + 1 : n))
  return new WMTS({
    url: base.url,
    requestEncoding: 'REST',
    layer: base.layer ?? '',
    matrixSet: base.matrix_set ?? DEGREES,
    style: 'default',
    format: 'image/png',
    projection: base.matrix_set === 'EPSG:4326' ? 'EPSG:4326' : inDegrees ? degrees() : 'EPSG:3857',
    tileGrid: new WMTSTileGrid({
      origin: inDegrees ? [-180, 90] : [-20037508.342789244, 20037508.342789244],
      resolutions: ids.map((_, n) => largest / 2 ** n),
      matrixIds: ids,
    }),
  })
}
