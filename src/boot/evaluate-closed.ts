import { type Evaluator, failed, met, pending, skipped, waitUntil } from './milestone-result.ts';

/** The scan takes four seconds from the first page on, and half a minute where an open port has no service yet. */
const SCAN_MS = 60_000;

/**
 * The mobile network tried some TCP ports of the Pi: those that the image opens answered (that nothing listens is an
 * answer too), and all others kept silent.
 */
export const evaluateClosed: Evaluator = ({ setup, scenario }, record) => {
  if ((scenario.behaviour.network?.scan ?? []).length === 0) return skipped('nobody tries its ports');
  const { allowed } = setup;
  if (allowed === undefined) return skipped('the image has no firewall');
  const scan = record.events.find((event) => event.type === 'scan');
  if (scan?.type !== 'scan') {
    const fetched = record.events.find(({ type }) => type === 'http');
    if (fetched === undefined) return pending('not online yet');
    return waitUntil(record, fetched.t + SCAN_MS, 'the ports have not been tried');
  }
  const wrong = scan.ports.flatMap(({ port, answer }) => {
    const isOpened = allowed.includes(`${port}/tcp`);
    if (isOpened === (answer !== 'none')) return [];
    return isOpened
      ? [`port ${port}, which the image opens, does not answer`]
      : [`port ${port} answers (${answer})`];
  });
  if (wrong.length > 0) return failed(wrong.join('; '));
  const answered = scan.ports.filter(({ answer }) => answer !== 'none');
  const shown = answered
    .map(({ port, answer, greeting }) => `${port} (${[answer, greeting].filter(Boolean).join(', ')})`)
    .join(', ');
  return met(
    scan.t,
    `of ${scan.ports.length} ports tried, ${shown === '' ? 'none answers' : `only ${shown} answers`}`,
  );
};
