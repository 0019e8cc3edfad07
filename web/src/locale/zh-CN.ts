const files = import.meta.glob<Record<string, string>>('./*.zh-CN.json', { eager: true, import: 'default' })

export default Object.fromEntries(
  Object.entries(files).map(([path, words]) => [path.replace(/^\.\/(.*)\.zh-CN\.json$/, '$1'), words]),
)
