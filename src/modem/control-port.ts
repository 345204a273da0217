/** The control channel of a modem, behind /dev/cdc-wdm0: QMI or MBIM, one message at a time. */
export interface ControlPort {
  input(message: Buffer): void;
  /** A fault: accepts everything and answers nothing. */
  unresponsive: boolean;
  /** A fault: nobody new is let in, until `powerDown`. */
  exhausted: boolean;
  /** The modem lost power or forgot its state: those who had opened it are gone. */
  powerDown(): void;
}
