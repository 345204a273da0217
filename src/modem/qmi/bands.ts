/**
 * The bands of the modem, as masks of libqmi's QmiDmsBandCapability (the same bits as QmiNasBandPreference) and
 * QmiDmsLteBandCapability: GSM 850, 900, 1800 and 1900; UMTS 850, 900, 1900 and 2100; LTE 2, 4 and 5.
 */
export const BANDS = { gsmUmts: 0x0002_0000_04e8_0380n, lte: 0x1an } as const;
