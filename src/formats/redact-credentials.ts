const HIDDEN = '(hidden)';

/**
 * A network file's text without user names and passwords, for reports: without the values of APN_USER and APN_PASS
 * (qmi-network.conf), username= and password= (qmicli), psk= (wpa_supplicant.conf), and the parameters after the APN
 * in AT^NDISDUP; and pin= (NetworkManager's key files).
 */
export function redactCredentials(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(
          /^(\s*(?:export\s+)?(?:APN_USER|APN_PASS|psk|password|username|pin|wpa-psk)\s*[= ]\s*).+$/i,
          `$1${HIDDEN}`,
        )
        .replace(/\b(username|password)=('[^']*'|"[^"]*"|[^\s,'"]*)/gi, `$1=${HIDDEN}`)
        .replace(/(\^NDISDUP=\d+,\d+,"[^"]*"),.*$/i, `$1,${HIDDEN}`),
    )
    .join('\n');
}

/** `text`, which may be foreign, without any of `secrets`. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/** `text` without the passwords of URLs (RFC 3986 §3.2.1): messages quote mistyped command lines. */
export function hideUrlPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s]*@/gi, `$1:${HIDDEN}@`);
}
