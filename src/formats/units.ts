import prettyBytes from 'pretty-bytes';

/** Seconds as "4.2 s", "3 min 05 s" or "1 h 02 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Milliseconds as seconds to a tenth, as boot tests print them: "40.5 s". */
export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Bytes to three digits, in the decimal units of card makers and download pages: "1.86 GB". */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}
