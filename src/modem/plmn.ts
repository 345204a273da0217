/** The number of a mobile network as text, country and network: `00101`. Its network code has two digits. */
export function formatPlmn({ mcc, mnc }: { readonly mcc: number; readonly mnc: number }): string {
  return `${String(mcc).padStart(3, '0')}${String(mnc).padStart(2, '0')}`;
}
