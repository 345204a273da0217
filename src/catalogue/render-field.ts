import type { CardKey } from '../formats/card-settings/keys.ts';
import { APN_AUTHS } from '../formats/config/apn-auth.ts';
import { type Html, html } from './html.ts';

/** How a key of wwanpi.txt is asked for. */
interface Field {
  readonly label: string;
  /** What it is, and what an empty field means if that is not "as in the image". */
  readonly hint: string;
  /** `secret` is not shown while one types. */
  readonly kind?: 'secret' | 'long' | readonly string[];
}

const FIELDS: Readonly<Record<CardKey, Field>> = {
  apn: { label: 'APN', hint: 'As your carrier or the letter with the SIM card says, such as internet.' },
  user: { label: 'User name', hint: 'Most carriers need none: leave it empty.' },
  password: { label: 'Password', hint: 'Only with a user name.', kind: 'secret' },
  auth: {
    label: 'Authentication',
    hint: 'Automatic is CHAP if there is a user name.',
    kind: ['', ...APN_AUTHS],
  },
  pin: { label: 'PIN of the SIM card', hint: 'Four to eight digits.', kind: 'secret' },
  hostname: { label: 'Host name', hint: 'The name of the Pi in networks.' },
  'login-user': { label: 'Login: user', hint: 'Who logs in on the Pi.' },
  'login-password': { label: 'Login: password', hint: 'Of that user.', kind: 'secret' },
  'ssh-key': {
    label: 'Login: SSH key',
    hint: 'The line of your public key, such as id_ed25519.pub.',
    kind: 'long',
  },
  'wifi-ssid': { label: 'Wi-Fi: name', hint: 'The network’s name (SSID).' },
  'wifi-password': { label: 'Wi-Fi: password', hint: 'Eight characters or more.', kind: 'secret' },
  'wifi-country': { label: 'Wi-Fi: country', hint: 'Two letters, such as GB: its radio rules hold.' },
  timezone: { label: 'Time zone', hint: 'Such as Europe/London.' },
  dns: { label: 'Name servers', hint: 'Addresses, separated by commas.' },
  metric: { label: 'Metric', hint: 'Which connection goes first: the lowest number.' },
};

/** Every setting, in the order of the form. */
export const FIELD_KEYS = Object.keys(FIELDS) as readonly CardKey[];

/**
 * The label, the field and the lines for its hint and its fault.
 * @param replaces whether an empty field stands for no value; otherwise for the one that the image has
 */
export function renderField(key: CardKey, replaces: boolean): Html {
  const { label, hint, kind } = FIELDS[key];
  const id = `make-${key}`;
  const common = html`id="${id}" data-key="${key}"${replaces && html` data-empty="none"`} aria-describedby="${id}-hint ${id}-fault"`;
  const typed = html`${common} autocomplete="off" autocapitalize="off" spellcheck="false"`;
  return html`<div class="field"><label class="name" for="${id}">${label}</label>
${
  kind === undefined
    ? html`<input type="text" ${typed}${key === 'apn' && html` required`}>`
    : kind === 'secret'
      ? html`<input type="password" data-secret ${typed}>`
      : kind === 'long'
        ? html`<textarea rows="2" ${typed}></textarea>`
        : html`<select ${common}>${kind.map((each) => html`<option value="${each}">${each === '' ? 'automatic' : each}</option>`)}</select>`
}
<p class="hint" id="${id}-hint">${hint}</p>
<p class="fault" id="${id}-fault" role="status"></p></div>
`;
}
