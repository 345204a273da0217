import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/** CycloneDX 1.6's own JSON schema, which its library carries, compiled. Call it; its `errors` say what is wrong. */
export function compileCycloneDxSchema() {
  const main = createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json');
  const load = (name: string) =>
    JSON.parse(readFileSync(join(dirname(main), 'res/schema', name), 'utf8')) as object;
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  // ajv-formats has no check for these two.
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    const file = `${name}.SNAPSHOT.schema.json`;
    // They refer to each other by these file names, which are not those in their $id.
    ajv.addSchema({ ...load(file), $id: `http://cyclonedx.org/schema/${file}` });
  }
  return ajv.compile(load('bom-1.6.SNAPSHOT.schema.json'));
}
