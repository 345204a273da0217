/** A variable of the environment that wwanpi reads. */
export interface EnvironmentVariable {
  readonly name: string;
  /** For the manual page; begins with a capital, ends without a stop. */
  readonly meaning: string;
}

/** Every variable wwanpi reads, for the manual page. A test compares it with what the source reads. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  {
    name: 'WWANPI_APN_PASSWORD',
    meaning: 'The value of --apn-password, which need not stand in the process list',
  },
  { name: 'WWANPI_PASSWORD', meaning: 'The value of --password' },
  { name: 'WWANPI_PASSWORD_HASH', meaning: 'The value of --password-hash' },
  { name: 'WWANPI_PIN', meaning: 'The value of --pin' },
  { name: 'WWANPI_SIGN_PASSPHRASE', meaning: "The passphrase of --sign's key" },
  { name: 'WWANPI_WIFI_PSK', meaning: 'The value of --wifi-psk' },
  { name: 'WWANPI_SSH_PASSWORD', meaning: "The password of publish's account, when no key is taken" },
  { name: 'WWANPI_SSH_PASSPHRASE', meaning: 'What opens the private key of publish --identity' },
  { name: 'SSH_AUTH_SOCK', meaning: 'The agent whose keys publish tries' },
  {
    name: 'WWANPI_DOWNLOADS_URL',
    meaning: "A mirror that serves the paths of Raspberry Pi's download server",
  },
  {
    name: 'WWANPI_DEBIAN_MIRROR',
    meaning:
      'The URI of a Debian mirror, for a machine that is set up for none; its keys come from the package debian-archive-keyring',
  },
  {
    name: 'SOURCE_DATE_EPOCH',
    meaning: 'Seconds since 1970: the time of every file written [when the base was last written]',
  },
  { name: 'XDG_CACHE_HOME', meaning: 'Where the cache is, in its folder wwanpi [~/.cache]' },
  { name: 'TMPDIR', meaning: 'Where temporary files are [/tmp]' },
  { name: 'HOME', meaning: "The user's folder, in which ~/.cache is" },
  { name: 'PATH', meaning: 'Where host programs are looked for; the sbin folders are added' },
  { name: 'http_proxy, https_proxy, no_proxy', meaning: 'Handed to the host programs that fetch' },
  {
    name: 'NPM_CONFIG_USERCONFIG, NODE_EXTRA_CA_CERTS',
    meaning: "npm's settings and further certificates, lent to npm while --in builds its container's image",
  },
  { name: 'NO_COLOR', meaning: 'Not empty: no colours, on a terminal too' },
  { name: 'TERM', meaning: 'dumb: nothing is drawn over, and no colours' },
];
