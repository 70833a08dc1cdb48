import { expect, test } from 'vitest';
import { prefersHtml } from './accept.ts';

test.each([
  [undefined, false],
  ['*/*', false],
  ['application/json', false],
  ['application/json, text/html;q=0.1', false],
  ['text/html;q=0.1, application/json', false],
  ['application/json, text/plain, */*', false],
  ['text/html, application/json', false],
  ['text/html;q=0', false],
  ['text/html;q=nonsense', false],
  ['text/html,*/*', true],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['application/json;q=0.5, TEXT/HTML; level=1 ;Q=0.7', true],
])('Accept %j: a page is wanted: %j', (accept, isPage) => {
  expect(prefersHtml(accept)).toBe(isPage);
});
