import type { DeviceLayout } from './device.ts';
import type { ScsiDrive } from './scsi.ts';

/** The serial ports of a modem, by what answers there: two take AT commands, one Qualcomm's diagnostic protocol. */
export type SerialName = 'modem' | 'pcui' | 'diag';

/** A modem on the bus: its descriptors, and what is behind each endpoint. */
export interface UsbModel {
  readonly layout: DeviceLayout;
  readonly serial: readonly {
    readonly name: SerialName;
    readonly interface: number;
    readonly inEndpoint: number;
    readonly outEndpoint: number;
  }[];
  /** The interface for QMI or MBIM messages, and its interrupt endpoint. */
  readonly control: {
    readonly interface: number;
    readonly interrupt: number;
    /** Nothing is answered before the host sets DTR on this interface, as qmi_wwan does for such devices. */
    readonly needsDtr?: boolean;
  };
  /** Bulk endpoints of the network interface. */
  readonly data: { readonly inEndpoint: number; readonly outEndpoint: number };
  readonly storage: readonly {
    readonly interface: number;
    readonly inEndpoint: number;
    readonly outEndpoint: number;
    readonly drive: ScsiDrive;
  }[];
}
