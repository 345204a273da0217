/** Turns the bytes of a terminal into command lines, and echoes them as a modem does. */
export interface LineEditor {
  push(bytes: Buffer): void;
  /** A line has begun and not ended. */
  readonly typing: boolean;
}

/** 3GPP TS 27.007 leaves the limit to the maker; a longer line is dropped up to the next return. */
const MAX_LINE = 1024;

/**
 * A line ends at a carriage return; line feeds and control characters are ignored, backspace deletes one
 * character (V.250 §5.2).
 */
export function createLineEditor(options: {
  echo: () => boolean;
  write: (text: string) => void;
  onLine: (line: string) => void;
}): LineEditor {
  let line = '';
  let tooLong = false;
  return {
    get typing() {
      return line !== '';
    },
    push(bytes) {
      let echoed = '';
      const flush = () => {
        if (echoed !== '' && options.echo()) options.write(echoed);
        echoed = '';
      };
      for (const char of bytes.toString('latin1')) {
        echoed += char;
        if (char === '\r') {
          flush();
          const complete = line.trim();
          line = '';
          if (complete !== '' && !tooLong) options.onLine(complete);
          tooLong = false;
        } else if (char === '\b' || char === '\x7f') line = line.slice(0, -1);
        else if (char >= ' ') {
          if (line.length >= MAX_LINE) tooLong = true;
          else line += char;
        }
      }
      flush();
    },
  };
}
