/** The few things newer than Chrome 87 that libraries call for. */
type Indexed = { length: number; [at: number]: unknown }

function at(this: Indexed, index: number): unknown {
  const from = Math.trunc(index) || 0
  return this[from < 0 ? this.length + from : from]
}
for (const kind of [Array, String] as unknown as { prototype: object }[]) {
  if (!('at' in kind.prototype)) Object.defineProperty(kind.prototype, 'at', { value: at, writable: true, configurable: true })
}
if (!Reflect.has(Object, 'hasOwn')) {
  Object.defineProperty(Object, 'hasOwn', { value: (of: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(of, key) })
}
if (!('findLast' in Array.prototype)) {
  Object.defineProperty(Array.prototype, 'findLast', {
    value(this: unknown[], test: (one: unknown, at: number) => boolean) {
      for (let i = this.length - 1; i >= 0; i--) if (test(this[i], i)) return this[i]
      return undefined
    },
    writable: true,
    configurable: true,
  })
}

export {}
