/** The modem's identity. The revision and the IMEI are invented; the rest is an E397u-53's. */
export const IDENTITY = {
  manufacturer: 'Huawei Technologies',
  model: 'E397u-53',
  revision: '11.433.61.00.00',
  hardwareRevision: 'CH2E397UM',
  imei: '867000000000001',
} as const;
