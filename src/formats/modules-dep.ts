/**
 * The order in which insmod has to load the named modules with all they depend on.
 * @param text modules.dep, as depmod(8) writes it: `path: dependency dependency`, nearest first
 * @param names as modprobe(8) takes them: `-` and `_` are the same
 * @returns paths of modules.dep, dependencies first, each once; names not in it are left out (built in)
 */
export function orderModules(text: string, names: readonly string[]): string[] {
  const dependencies = new Map<string, readonly string[]>();
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [path, rest] = line.split(':');
    if (path === undefined || rest === undefined) continue;
    dependencies.set(path, rest.trim().split(/\s+/).filter(Boolean));
    paths.set(moduleName(path), path);
  }
  const ordered = new Set<string>();
  for (const name of names) {
    const path = paths.get(moduleName(name));
    if (path === undefined) continue;
    for (const dependency of [...(dependencies.get(path) ?? [])].reverse()) ordered.add(dependency);
    ordered.add(path);
  }
  return [...ordered];
}

function moduleName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.ko(\.[a-z0-9]+)?$/, '').replaceAll('-', '_');
}
