import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { marked, type Token, type Tokens } from 'marked';
import { packageRoot } from '../../src/core/package.ts';

/** A Markdown page of the repo. */
export interface DocPage {
  /** From the repo's root. */
  readonly path: string;
  /** What can stand after `#` in a link to it: its headings as GitHub names them. */
  readonly anchors: ReadonlySet<string>;
  /** Where its links and pictures lead, as they are written. */
  readonly links: readonly string[];
  /** Paths in backticks that look like files of the repo. */
  readonly files: readonly string[];
  /** Its blocks of code. */
  readonly code: readonly string[];
}

const NOT_OURS = /(?:^|\/)(?:node_modules|dist|out|\.git)(?:\/|$)/;
/** A file or folder of the repo in running text: `src/pipeline.ts`, `stage/`. */
const REPO_PATH = /^(?:src|stage|test|overlays|scripts|examples|docs|\.github)\/[\w./@-]*$/;

/** Every Markdown page of the repo. */
export function readPages(): DocPage[] {
  return readdirSync(packageRoot, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !NOT_OURS.test(path))
    .sort()
    .map((path) => readPage(path, readFileSync(join(packageRoot, path), 'utf8')));
}

/** What a page's text says of it. */
export function readPage(path: string, text: string): DocPage {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: string[] = [];
  const files: string[] = [];
  const code: string[] = [];
  void marked.walkTokens(marked.lexer(text), (token: Token) => {
    if (token.type === 'heading') anchors.add(slugger.slug(readText(token as Tokens.Heading)));
    if (token.type === 'link' || token.type === 'image') links.push((token as Tokens.Link).href);
    if (token.type === 'html') {
      for (const [, href = ''] of token.raw.matchAll(/\b(?:src|href)="([^"]*)"/g)) links.push(href);
      for (const [, id = ''] of token.raw.matchAll(/\bid="([^"]*)"/g)) anchors.add(id);
    }
    if (token.type === 'code') code.push((token as Tokens.Code).text);
    if (token.type === 'codespan' && REPO_PATH.test((token as Tokens.Codespan).text))
      files.push((token as Tokens.Codespan).text);
  });
  return { path, anchors, links, files, code };
}

/** A heading without its markup, as GitHub makes its anchor from. */
function readText({ tokens }: { readonly tokens?: readonly Token[] }): string {
  return (tokens ?? [])
    .map((token) =>
      'tokens' in token && token.tokens !== undefined
        ? readText(token as { tokens: readonly Token[] })
        : 'text' in token
          ? String(token.text)
          : '',
    )
    .join('');
}
