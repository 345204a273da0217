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
