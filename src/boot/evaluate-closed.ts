import { type Evaluator, failed, met, pending, skipped, waitUntil } from './milestone-result.ts';

/** The scan takes four seconds, from the first page on; longer where an opened port refuses. */
const SCAN_MS = 60_000;

/**
 * The mobile network tried some TCP ports of the Pi: those that the image opens answered (that nothing listens is an
 * answer too, unless the scenario names a greeting), and all others kept silent.
 */
export const evaluateClosed: Evaluator = ({ setup, scenario }, record) => {
  if ((scenario.behaviour.network?.scan ?? []).length === 0) return skipped('nobody tries its ports');
  const { allowed } = setup;
  if (allowed === undefined) return skipped('the image has no firewall');
  const scan = record.events.find((event) => event.type === 'scan');
  if (scan?.type !== 'scan') {
    const fetched = record.events.find(({ type }) => type === 'http');
    if (fetched === undefined) return pending('not online yet');
    const limitMs = SCAN_MS + (scenario.behaviour.network?.scanRefusedForMs ?? 0);
    return waitUntil(record, fetched.t + limitMs, 'the ports have not been tried');
  }
  const wrong = scan.ports.flatMap(({ port, answer }) => {
    const isOpened = allowed.includes(`${port}/tcp`);
    if (isOpened === (answer !== 'none')) return [];
    return isOpened
      ? [`port ${port}, which the image opens, does not answer`]
      : [`port ${port} answers (${answer})`];
  });
  if (wrong.length > 0) return failed(wrong.join('; '));
  const expected = scenario.expected.verdict === 'online' ? (scenario.expected.greeting ?? '') : '';
  const mute = scan.ports.find(
    ({ port, greeting = '' }) => allowed.includes(`${port}/tcp`) && !greeting.startsWith(expected),
  );
  if (mute !== undefined) return failed(`port ${mute.port} (${mute.answer}) does not say ${expected}`);
  const answered = scan.ports.filter(({ answer }) => answer !== 'none');
  const shown = answered
    .map(({ port, answer, greeting }) => `${port} (${[answer, greeting].filter(Boolean).join(', ')})`)
    .join(', ');
  return met(
    scan.t,
    `of ${scan.ports.length} ports tried, ${shown === '' ? 'none answers' : `only ${shown} answers`}`,
  );
};
