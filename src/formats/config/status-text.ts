/** The size of wwanpi-status.txt for good: the Pi writes it in place, so that neither FAT nor folder changes. */
export const STATUS_BYTES = 4096;

const LINE_END = '\r\n';
const BLANKS = 78;

/**
 * A text as the status file holds it: printable ASCII with CRLF, which every editor shows, and lines of blanks up to
 * 4096 bytes. Without the last line of overlays/rootfs/usr/lib/wwanpi/status-file: the Pi does not keep such a text as
 * the one before.
 */
export function padStatusText(text: string): Uint8Array {
  let padded = text.replaceAll('\n', LINE_END);
  for (;;) {
    const rest = STATUS_BYTES - padded.length;
    if (rest === 0) return Buffer.from(padded, 'latin1');
    // A rest of one byte is no line.
    const line = rest >= BLANKS + 2 * LINE_END.length ? BLANKS : rest - LINE_END.length;
    padded += ' '.repeat(line) + LINE_END;
  }
}

/** What a person reads in a status file: its lines, without the blanks at their ends and at the end. */
export function readStatusText(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('latin1').split(LINE_END);
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd();
}
