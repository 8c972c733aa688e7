// What InstantSearch asks through: the adapter, connected to a node under test.

import { createRequire } from 'node:module';

import { API_KEY } from './node.mjs';

// The adapter's modules are made for bundlers; this file is what pages load, and it wants `self`.
globalThis.self ??= globalThis;
const bundle = createRequire(import.meta.url)(
  'typesense-instantsearch-adapter/dist/typesense-instantsearch-adapter.min.js');
const Adapter = bundle.default ?? bundle;

export function searchClientOf(node, options) {
  return new Adapter({
    server: { apiKey: API_KEY, nodes: [node.address], cacheSearchResultsForSeconds: 0 },
    ...options,
  }).searchClient;
}
