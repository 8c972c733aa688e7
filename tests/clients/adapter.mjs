// What InstantSearch asks through.

import { createRequire } from 'node:module';

// The adapter's modules are made for bundlers; this file is what pages load, and it wants `self`.
globalThis.self ??= globalThis;
const bundle = createRequire(import.meta.url)(
  'typesense-instantsearch-adapter/dist/typesense-instantsearch-adapter.min.js');

export const Adapter = bundle.default ?? bundle;
