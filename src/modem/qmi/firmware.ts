/** What one QMI firmware has that another has not. */
export interface QmiFirmware {
  readonly versions: Readonly<Record<'wds' | 'dms' | 'nas' | 'wms', readonly [major: number, minor: number]>>;
  /** It has the services UIM and WDA and the later messages of WDS and NAS, and no SIM messages in DMS. */
  readonly isNew: boolean;
}

/** An MDM9200 of 2011, in the E397u. */
export const OLD_FIRMWARE: QmiFirmware = {
  versions: { wds: [1, 9], dms: [1, 4], nas: [1, 1], wms: [1, 2] },
  isNew: false,
};

/** An MDM9607, in the EC25. */
export const NEW_FIRMWARE: QmiFirmware = {
  versions: { wds: [1, 67], dms: [1, 14], nas: [1, 25], wms: [1, 10] },
  isNew: true,
};
