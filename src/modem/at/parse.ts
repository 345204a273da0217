/** One command of a line: `name` in upper case with its `+` or `^`, and its form. */
export interface AtCommand {
  readonly name: string;
  readonly kind: 'run' | 'read' | 'test' | 'set';
  /** Parameters of `set`, without quotes; omitted ones are empty. */
  readonly parameters: readonly string[];
}

/**
 * Splits `ATE0V1+CMEE=1;+CPIN?` into its commands (V.250 §5.2): basic ones follow each other, extended
 * ones end at a semicolon. Undefined if the line does not begin with AT or is malformed.
 */
export function parseAtLine(line: string): readonly AtCommand[] | undefined {
  if (!/^at/i.test(line)) return undefined;
  let rest = line.slice(2).trim();
  const commands: AtCommand[] = [];
  while (rest !== '') {
    const basic = /^(&?[A-Za-z])(\d*)/.exec(rest);
    const extended = /^([+^][A-Za-z0-9]+)((?:"[^"]*"|[^";])*)(?:;|$)/.exec(rest);
    if (basic !== null) {
      const [all, name = '', digits = ''] = basic;
      // ATD takes the rest of the line.
      if (name.toUpperCase() === 'D') return [...commands, command('D', 'set', [rest.slice(1)])];
      commands.push(command(name, 'set', [digits]));
      rest = rest.slice(all.length).trimStart();
    } else if (extended !== null) {
      const [all, name = '', tail = ''] = extended;
      const parsed = extendedCommand(name, tail.trim());
      if (parsed === undefined) return undefined;
      commands.push(parsed);
      rest = rest.slice(all.length).trimStart();
    } else return undefined;
  }
  return commands;
}

/** `command` without PINs and passwords, for logs. */
export function redactAtLine(line: string): string {
  return line
    .replace(/(\+CPIN=|\+CLCK=|\+CPWD=)[^;]*/gi, '$1***')
    .replace(/(\^NDISDUP=[^,;]*,[^,;]*(?:,"[^"]*"){2}),"[^"]*"/gi, '$1,"***"')
    .replace(/(\^AUTHDATA=)[^;]*/gi, '$1***');
}

function extendedCommand(name: string, tail: string): AtCommand | undefined {
  if (tail === '') return command(name, 'run');
  if (tail === '?') return command(name, 'read');
  if (tail === '=?') return command(name, 'test');
  if (!tail.startsWith('=')) return undefined;
  const parameters = tail.slice(1).match(/(?:"[^"]*"|[^",])+|(?<=^|,)(?=,|$)/g) ?? [];
  return command(
    name,
    'set',
    parameters.map((each) => each.trim().replace(/^"(.*)"$/, '$1')),
  );
}

function command(name: string, kind: AtCommand['kind'], parameters: readonly string[] = []): AtCommand {
  return { name: name.toUpperCase(), kind, parameters };
}
