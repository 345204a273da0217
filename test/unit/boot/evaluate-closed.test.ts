import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateClosed } from '../../../src/boot/evaluate-closed.ts';
import type { ModemEvent, PortAnswer } from '../../../src/modem/events.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

type At<T> = readonly [seconds: number, what: T];

const page: At<ModemEvent> = [58, { type: 'http', method: 'GET', host: '', path: '/', status: 200 }];
const scan = (ssh: PortAnswer, http: PortAnswer, greeting?: string): At<ModemEvent> => [
  62,
  {
    type: 'scan',
    target: '10.64.64.10',
    ports: [
      { port: 22, answer: ssh, ...(greeting === undefined ? {} : { greeting }) },
      { port: 80, answer: http },
    ],
  },
];

for (const [what, scenario, allowed, events, seconds, expected] of [
  ['a scenario that tries no ports', 'doctor', [], [page], 100, /^skipped/],
  ['an image without a firewall', 'online', undefined, [page, scan('open', 'refused')], 100, /^skipped/],
  ['not online yet', 'online', [], [], 50, /^pending: not online yet/],
  ['under way', 'online', [], [page], 60, /^pending: the ports have not been tried/],
  ['never done', 'online', [], [page], 120, /^failed: the ports have not been tried/],
  ['all silent', 'online', [], [page, scan('none', 'none')], 63, /^met: of 2 ports tried, none answers$/],
  ['SSH answers', 'online', [], [page, scan('open', 'none')], 63, /^failed: port 22 answers \(open\)$/],
  ['a refusal is an answer', 'online', [], [page, scan('none', 'refused')], 63, /^failed: port 80 answers/],
  [
    'SSH is opened',
    'online',
    ['22/tcp'],
    [page, scan('open', 'none')],
    63,
    /^met: of 2 ports tried, only 22 \(open\) answers$/,
  ],
  [
    'what the server says is shown',
    'online',
    ['22/tcp'],
    [page, scan('open', 'none', 'SSH-2.0-OpenSSH_9.2p1')],
    63,
    /^met: of 2 ports tried, only 22 \(open, SSH-2\.0-OpenSSH_9\.2p1\) answers$/,
  ],
  [
    'a server that is to greet does not',
    'ssh',
    ['22/tcp'],
    [page, scan('refused', 'none')],
    300,
    /^failed: port 22 \(refused\) does not say SSH-$/,
  ],
  [
    'a server greets as it is to',
    'ssh',
    ['22/tcp'],
    [page, scan('open', 'none', 'SSH-2.0-OpenSSH_9.2p1')],
    300,
    /^met: of 2 ports tried, only 22 \(open, SSH-2\.0-OpenSSH_9\.2p1\) answers$/,
  ],
  [
    'SSH is not opened, and nothing is to greet',
    'ssh',
    [],
    [page, scan('none', 'none')],
    63,
    /^met: .* none answers$/,
  ],
  ['keys take minutes', 'ssh', ['22/tcp'], [page], 250, /^pending: the ports have not been tried/],
  [
    'SSH should be open',
    'online',
    ['22/tcp'],
    [page, scan('none', 'none')],
    63,
    /^failed: port 22, which the image opens, does not answer$/,
  ],
] as const satisfies readonly (readonly [
  string,
  string,
  readonly string[] | undefined,
  readonly At<ModemEvent>[],
  number,
  RegExp,
])[]) {
  test(`closed: ${what}`, () => {
    const bootTest = createBootTest(scenario);
    const setup = { ...bootTest.setup, allowed };
    const finding = evaluateClosed({ ...bootTest, setup }, createBootRecord({ events, seconds }));
    assert.match(`${finding.state}: ${finding.evidence}`, expected);
  });
}
