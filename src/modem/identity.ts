/** What a modem says of itself. The revision and the IMEI are invented. */
export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly revision: string;
  readonly hardwareRevision: string;
  readonly imei: string;
}

/** A Huawei E397u-53. */
export const E397U_IDENTITY: Identity = {
  manufacturer: 'Huawei Technologies',
  model: 'E397u-53',
  revision: '11.433.61.00.00',
  hardwareRevision: 'CH2E397UM',
  imei: '867000000000001',
};

/** A Quectel EC25-E by AT. */
export const EC25_IDENTITY: Identity = {
  manufacturer: 'Quectel',
  model: 'EC25',
  revision: 'EC25EFAR06A06M4G',
  hardwareRevision: '10000',
  imei: '867000000000025',
};

/** The same module by QMI, which gives Qualcomm's names. */
export const EC25_QMI_IDENTITY: Identity = {
  ...EC25_IDENTITY,
  manufacturer: 'QUALCOMM INCORPORATED',
  model: 'QUECTEL Mobile Broadband Module',
};

/** A TCL IK512. */
export const IK512_IDENTITY: Identity = {
  manufacturer: 'TCL',
  model: 'IK512',
  revision: 'IK512_00_02.00_03',
  hardwareRevision: 'IK512-V1',
  imei: '867000000000512',
};
