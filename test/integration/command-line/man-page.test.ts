import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { listCommands } from '../../../src/command-line/command-list.ts';
import { formatManPage } from '../../../src/command-line/man-page.ts';
import { EXIT_CODES } from '../../../src/core/exit-codes.ts';
import { formatUsage } from '../../../src/options/command.ts';
import { ENVIRONMENT } from '../../../src/options/environment.ts';
import { OPTIONS } from '../../../src/options/options.ts';
import { createTestContext } from '../../helpers/context.ts';

test('mandoc and groff find nothing wrong with the manual page, and both print all there is', async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'wwanpi.1');
  await writeFile(path, formatManPage(listCommands()));
  // mandoc exits 2 on warnings. The page has no date on purpose: the same version is the same bytes.
  const lint = await exec(['mandoc', '-T', 'lint', '-W', 'warning', path], { okExitCodes: [2] });
  const faults = `${lint.stdout}${lint.stderr}`.split('\n').filter((line) => line !== '');
  assert.deepEqual(
    faults.filter((line) => !line.includes('missing date, using ""')),
    [],
  );

  // -ww: every warning troff has; -z: print nothing.
  const groff = await exec(['groff', '-man', '-ww', '-z', path]);
  assert.equal(groff.stderr, '');

  const commands = listCommands();
  const wanted = [
    ...commands.flatMap((command) => [
      `wwanpi ${formatUsage(command)}`,
      ...command.examples.map(({ line }) => line),
    ]),
    ...OPTIONS.filter(({ hidden }) => hidden !== true).map(({ name }) => `--${name}`),
    ...ENVIRONMENT.flatMap(({ names }) => names),
    ...EXIT_CODES.map(({ exitCode }) => `\n ${exitCode} `),
  ];
  const asMandoc = ['mandoc', '-T', 'utf8', '-O', 'width=400', path] as const;
  const asGroff = ['groff', '-man', '-Tutf8', '-P-cbou', '-rLL=400n', path] as const;
  for (const argv of [asMandoc, asGroff] as const) {
    const { stdout } = await exec(argv);
    const text = stdout
      .replaceAll(/.\u0008/g, '')
      .replaceAll(/ +/g, ' ')
      .replaceAll('‐', '-');
    for (const section of ['NAME', 'SYNOPSIS', 'ENVIRONMENT', 'FILES', 'EXIT STATUS', 'EXAMPLES'])
      assert.match(text, new RegExp(`^${section}$`, 'm'), argv[0]);
    for (const each of wanted) assert.ok(text.includes(each), `${argv[0]}: ${each}`);
  }
});
