// InstantSearch widgets ask through the adapter; these are the requests that they send.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';

import { API_KEY, RunningNode } from './node.mjs';

// The adapter's modules are made for bundlers; this file is what pages load, and it wants `self`.
globalThis.self ??= globalThis;
const bundle = createRequire(import.meta.url)(
  'typesense-instantsearch-adapter/dist/typesense-instantsearch-adapter.min.js');
const Adapter = bundle.default ?? bundle;

const PRODUCTS = [
  { id: '1', title: 'Red running shoe', brand: 'Acme', price: 50, kind: { lvl0: 'Shoes', lvl1: 'Shoes > Running' } },
  { id: '2', title: 'Blue running shoe', brand: 'Acme', price: 60, kind: { lvl0: 'Shoes', lvl1: 'Shoes > Running' } },
  { id: '3', title: 'Green hiking shoe', brand: 'Peak', price: 120, kind: { lvl0: 'Shoes', lvl1: 'Shoes > Hiking' } },
  { id: '4', title: 'Black leather belt', brand: 'Tan & Co, Ltd.', price: 20, kind: { lvl0: 'Belts' } },
];

let node;
let searchClient;

async function search(...requests) {
  const { results } = await searchClient.search(
    requests.map((params) => ({ indexName: 'products', params: { query: '', ...params } })));
  return results;
}

const idsOf = (result) => result.hits.map((hit) => hit.objectID);

before(async () => {
  node = await RunningNode.start();
  await node.ask('POST', '/collections', {
    body: {
      name: 'products',
      enable_nested_fields: true,
      fields: [
        { name: 'title', type: 'string' },
        { name: 'brand', type: 'string', facet: true },
        { name: 'price', type: 'int32', facet: true },
        { name: 'kind', type: 'object' },
        { name: 'kind.lvl0', type: 'string', facet: true },
        { name: 'kind.lvl1', type: 'string', facet: true, optional: true },
      ],
      default_sorting_field: 'price',
    },
  });
  for (const product of PRODUCTS) {
    await node.ask('POST', '/collections/products/documents', { body: product });
  }
  ({ searchClient } = new Adapter({
    server: { apiKey: API_KEY, nodes: [node.address], cacheSearchResultsForSeconds: 0 },
    additionalSearchParameters: { query_by: 'title' },
  }));
});
after(() => node.stop());

describe('widgets', () => {
  it('show hits, pages and what matched', async () => {
    const [result] = await search({
      query: 'running', hitsPerPage: 1, page: 1, highlightPreTag: '<b>', highlightPostTag: '</b>',
    });
    assert.equal(result.nbHits, 2);
    assert.equal(result.nbPages, 2);
    assert.deepEqual(idsOf(result), ['1']);
    assert.equal(result.hits[0]._highlightResult.title.value, 'Red <b>running</b> shoe');
  });

  it('refine by several values of several facets', async () => {
    const facets = ['brand', 'price'];
    const [all, brands] = await search(
      { facets, facetFilters: [['brand:Acme', 'brand:Tan & Co, Ltd.']], maxValuesPerFacet: 10 },
      { facets: ['brand'], maxValuesPerFacet: 10 });
    assert.deepEqual(idsOf(all).sort(), ['1', '2', '4']);
    assert.deepEqual(all.facets.brand, { Acme: 2, 'Tan & Co, Ltd.': 1 });
    assert.deepEqual(brands.facets.brand, { Acme: 2, Peak: 1, 'Tan & Co, Ltd.': 1 });
    assert.deepEqual([all.facets_stats.price.min, all.facets_stats.price.max], [20, 60]);
  });

  it('refine by ranges', async () => {
    const [result] = await search({ numericFilters: ['price>=50', 'price<=60'] });
    assert.deepEqual(idsOf(result).sort(), ['1', '2']);
  });

  it('go down a hierarchy', async () => {
    const [result] = await search({
      facets: ['kind.lvl0', 'kind.lvl1'], facetFilters: [['kind.lvl0:Shoes']],
    });
    assert.deepEqual(result.facets['kind.lvl1'], { 'Shoes > Running': 2, 'Shoes > Hiking': 1 });
    const [below] = await search({ facetFilters: [['kind.lvl1:Shoes > Hiking']] });
    assert.deepEqual(idsOf(below), ['3']);
  });

  it('search among the values of a facet', async () => {
    const [values] = await searchClient.searchForFacetValues([
      { indexName: 'products', params: { facets: ['brand'], facetName: 'brand', facetQuery: 'pea' } },
    ]);
    assert.deepEqual(values.facetHits.map(({ value, count }) => [value, count]), [['Peak', 1]]);
  });

  it('sort by a replica\'s order', async () => {
    const { results } = await searchClient.search([
      { indexName: 'products/sort/price:asc', params: { query: '' } },
    ]);
    assert.deepEqual(idsOf(results[0]), ['4', '1', '2', '3']);
  });
});
