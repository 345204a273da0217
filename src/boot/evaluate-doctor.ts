import { z } from 'zod';
import { probeLines } from './boot-record.ts';
import { type Evaluator, failed, met, pending, skipped, waitUntil } from './milestone-result.ts';

/** The probe gives up on it before. */
const DOCTOR_MS = 300_000;

/** The fields of `wwan-doctor --json` that decide. */
const answer = z.object({
  well: z.boolean(),
  checks: z
    .array(z.object({ check: z.string(), state: z.enum(['ok', 'fail', 'none']), found: z.string() }))
    .min(1),
});

/** The image's own wwan-doctor ran once the Pi was online, and found nothing wrong. */
export const evaluateDoctor: Evaluator = ({ scenario }, record) => {
  if (scenario.machine.doctor !== true) return skipped('the scenario does not run wwan-doctor');
  const fetched = probeLines(record, 'fetch').find(({ text }) => text.startsWith('ok '));
  if (fetched === undefined) return pending('not online yet');
  const line = probeLines(record, 'doctor').at(-1);
  if (line === undefined) return waitUntil(record, fetched.t + DOCTOR_MS, 'wwan-doctor has not answered');
  const parsed = answer.safeParse(parseJson(line.text));
  if (!parsed.success) return failed(`wwan-doctor printed no JSON of the right shape: ${line.text}`);
  const { well, checks } = parsed.data;
  const failures = checks.filter(({ state }) => state === 'fail');
  if (failures.length > 0 || !well) {
    return failed(`wwan-doctor: ${failures.map(({ check, found }) => `${check}: ${found}`).join('; ')}`);
  }
  return met(
    line.t,
    checks.map(({ check, state }) => (state === 'ok' ? check : `(${check} not known)`)).join(', '),
  );
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
