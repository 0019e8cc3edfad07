const files = import.meta.glob<Record<string, string>>('./*.en.json', { eager: true, import: 'default' })

export default Object.fromEntries(
  Object.entries(files).map(([path, words]) => [path.replace(/^\.\/(.*)\.en\.json$/, '$1'), words]),
)
