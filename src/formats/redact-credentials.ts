const HIDDEN = '(hidden)';

/**
 * A network file's text without the user names and passwords in it, for reports: values of APN_USER and APN_PASS
 * (qmi-network.conf), of username= and password= (qmicli), of psk= (wpa_supplicant.conf), and what follows the APN
 * in AT^NDISDUP.
 */
export function redactCredentials(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replace(
          /^(\s*(?:export\s+)?(?:APN_USER|APN_PASS|psk|password|wpa-psk)\s*[= ]\s*).+$/i,
          `$1${HIDDEN}`,
        )
        .replace(/\b(username|password)=('[^']*'|"[^"]*"|[^\s,'"]*)/gi, `$1=${HIDDEN}`)
        .replace(/(\^NDISDUP=\d+,\d+,"[^"]*"),.*$/i, `$1,${HIDDEN}`),
    )
    .join('\n');
}

/** `text`, which may come from elsewhere, without any of `secrets` in it. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/** `text` without the password of any URL in it (RFC 3986 §3.2.1): a mistyped command line is quoted in messages. */
export function hideUrlPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s]*@/gi, `$1:${HIDDEN}@`);
}
