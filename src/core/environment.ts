/** One or more variables of the environment that wwanpi reads, with one meaning. */
export interface EnvironmentRow {
  readonly names: readonly string[];
  /** For the manual page; begins with a capital, ends without a stop. */
  readonly meaning: string;
  /** Whether the same command in a container (`--in`) gets it too. */
  readonly handedOn?: boolean;
}

/**
 * The variables that wwanpi reads. Variables that hold an option's value are in the table of options instead.
 * `readVariable` takes no other name, so the manual page lists every variable that is read.
 */
export const VARIABLES = [
  { names: ['WWANPI_SIGN_PASSPHRASE'], meaning: 'Passphrase of the key given with --sign' },
  {
    names: ['WWANPI_SSH_PASSWORD'],
    meaning: 'Password for publish, used when no SSH key is accepted',
  },
  { names: ['WWANPI_SSH_PASSPHRASE'], meaning: 'Passphrase of the key given with publish --identity' },
  { names: ['SSH_AUTH_SOCK'], meaning: 'The SSH agent whose keys publish tries' },
  {
    names: ['WWANPI_DOWNLOADS_URL'],
    meaning: 'Mirror of the Raspberry Pi download server, with the same paths',
    handedOn: true,
  },
  {
    names: ['WWANPI_DEBIAN_MIRROR'],
    meaning:
      'URI of a Debian mirror, for a machine that is configured for none; its keys come from the package debian-archive-keyring',
    handedOn: true,
  },
  {
    names: ['WWANPI_RASPBIAN_MIRROR'],
    meaning:
      'URI of a Raspbian mirror that has the release of the base, for --package NAME and ModemManager; checked with the keys of the base',
    handedOn: true,
  },
  {
    names: ['SOURCE_DATE_EPOCH'],
    meaning:
      'Modification time of every file written, in seconds since 1970 [when the base was last written]',
    handedOn: true,
  },
  { names: ['XDG_CACHE_HOME'], meaning: 'Parent of the cache directory, wwanpi [~/.cache]' },
  { names: ['TMPDIR'], meaning: 'Directory for temporary files [/tmp]' },
  { names: ['HOME'], meaning: 'Home directory, which has ~/.cache and ~/.ssh' },
  { names: ['PATH'], meaning: 'Directories of the host programs; the sbin directories are added' },
  {
    names: ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
    meaning: 'Proxies, passed on to the host programs that download',
    handedOn: true,
  },
  {
    names: ['NPM_CONFIG_USERCONFIG', 'NODE_EXTRA_CA_CERTS'],
    meaning: 'Settings and extra certificates of npm, used while --in builds its container image',
  },
  {
    names: ['WWANPI_CALLED_AS'],
    meaning:
      'Name of the program in hints; ./wwanpi of a checkout sets it to its path, and the Makefile to make',
    handedOn: true,
  },
  { names: ['NO_COLOR'], meaning: 'If not empty, print no colours', handedOn: true },
  {
    names: ['FORCE_COLOR'],
    meaning:
      'If not empty, print colours into files and pipes too, or never with 0; NO_COLOR is not asked then',
    handedOn: true,
  },
  { names: ['TERM'], meaning: 'If dumb, print neither progress bars nor colours' },
  { names: ['PAGER'], meaning: 'Program that diff shows its result in, on a terminal; cat is none [less]' },
  { names: ['LESS'], meaning: 'Options of less [FRX]' },
  { names: ['CI'], meaning: 'If not empty, ask nothing' },
  { names: ['LC_ALL', 'LANG'], meaning: 'Locale, from which the country is guessed' },
] as const satisfies readonly EnvironmentRow[];

/** The name of a variable of `VARIABLES`. */
export type VariableName = (typeof VARIABLES)[number]['names'][number];

/** An environment: process.env, or a stand-in of a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable's value; undefined where it is not set or empty. */
export function readVariable(name: VariableName, environment: Environment = process.env): string | undefined {
  const value = environment[name];
  return value === '' ? undefined : value;
}

/** The variables of the host that a command in a container gets too. */
export function listHandedOn(): VariableName[] {
  return VARIABLES.flatMap((row) => ('handedOn' in row ? row.names : []));
}
