// InstantSearch widgets ask through the adapter; these are the requests that they send.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Adapter } from './adapter.mjs';
import { API_KEY, RunningNode } from './node.mjs';

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

const PLACES = [
  { id: 'fiji', name: 'Suva', at: [-18.1, 178.4] },
  { id: 'samoa', name: 'Apia', at: [-13.8, -171.8] },
  { id: 'seattle', name: 'Seattle', at: [47.6, -122.3] },
  { id: 'miami', name: 'Miami', at: [25.8, -80.2] },
  { id: 'oslo', name: 'Oslo', at: [59.9, 10.7] },
];

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

describe('pages', () => {
  const adapterFor = (queryBy, more = {}) => new Adapter({
    server: { apiKey: API_KEY, nodes: [node.address], cacheSearchResultsForSeconds: 0 },
    additionalSearchParameters: { query_by: queryBy, ...more },
    geoLocationField: 'at',
  }).searchClient;
  const hitOf = async (client, query) => {
    const { results } = await client.search([{ indexName: 'things', params: { query } }]);
    assert.equal(results[0].nbHits, 1);
    return results[0].hits[0];
  };
  const shown = (values) => values.map(({ value, matchLevel }) => [value, matchLevel]);

  before(async () => {
    await node.ask('POST', '/collections', {
      body: {
        name: 'things',
        enable_nested_fields: true,
        fields: [
          { name: 'categories', type: 'string[]' },
          { name: 'variants', type: 'object[]' },
        ],
      },
    });
    await node.ask('POST', '/collections/things/documents', {
      body: {
        id: '1',
        categories: ['SIM Cards', null, 'Cell Phones', 'Prepaid'],
        variants: [
          { color: 'blue', size: 4 }, { size: 5 },
          { color: 'red', sizes: ['red m', 's'], parts: [{ color: 'green' }, { color: 'red' }] },
        ],
      },
    });
  });

  it('show every element of an array in its place', async () => {
    for (const more of [{}, { highlight_full_fields: 'categories' }]) {
      const hit = await hitOf(adapterFor('categories', more), 'phone');
      for (const result of [hit._highlightResult, hit._snippetResult]) {
        assert.deepEqual(shown(result.categories), [
          ['SIM Cards', 'none'], ['', 'none'], ['Cell <mark>Phone</mark>s', 'full'], ['Prepaid', 'none']]);
      }
    }
  });

  it('show objects in arrays, and arrays in them', async () => {
    const { _highlightResult: { variants } } = await hitOf(adapterFor('variants'), 'red');
    assert.deepEqual(shown([variants[0].color, variants[0].size, variants[1].size, variants[2].color]),
      [['blue', 'none'], ['4', 'none'], ['5', 'none'], ['<mark>red</mark>', 'full']]);
    assert.deepEqual(shown(variants[2].sizes), [['<mark>red</mark> m', 'full'], ['s', 'none']]);
    assert.deepEqual(shown(variants[2].parts.map(({ color }) => color)),
      [['green', 'none'], ['<mark>red</mark>', 'full']]);
  });

  it('show documentation, whose names hold dots', async () => {
    await node.ask('POST', '/collections', {
      body: {
        name: 'docs',
        fields: [
          { name: 'hierarchy.lvl0', type: 'string' },
          { name: 'hierarchy.lvl1', type: 'string' },
          { name: 'content', type: 'string', optional: true },
        ],
      },
    });
    await node.ask('POST', '/collections/docs/documents', {
      body: { id: '1', 'hierarchy.lvl0': 'Guide', 'hierarchy.lvl1': 'Install' },
    });
    const { json } = await node.ask('POST', '/multi_search', {
      body: {
        searches: [{
          collection: 'docs', q: 'inst', query_by: 'hierarchy.lvl0,hierarchy.lvl1,content',
          include_fields: 'hierarchy.lvl0,hierarchy.lvl1,content', highlight_full_fields:
            'hierarchy.lvl0,hierarchy.lvl1,content', group_by: '',
        }],
      },
    });
    const hit = json.results[0].hits[0];
    assert.equal(hit.highlight['hierarchy.lvl1'].value, '<mark>Inst</mark>all');
    assert.equal(hit.highlights[0].field, 'hierarchy.lvl1');
    assert.equal(hit.highlights[0].value, '<mark>Inst</mark>all');
  });

  it('show on a map what is visible', async () => {
    await node.ask('POST', '/collections', {
      body: { name: 'places', fields: [{ name: 'name', type: 'string' }, { name: 'at', type: 'geopoint' }] },
    });
    for (const place of PLACES) {
      await node.ask('POST', '/collections/places/documents', { body: place });
    }
    const client = adapterFor('name');
    const visible = async (params) => {
      const { results } = await client.search([{ indexName: 'places', params: { query: '', ...params } }]);
      return idsOf(results[0]).sort();
    };
    const all = PLACES.map(({ id }) => id).sort();
    for (const [insideBoundingBox, expected] of [
      [[[90, 180, -90, -180]], all],
      ['85,540,-85,-540', all],
      [[[70, 170, -60, -170]], ['miami', 'oslo', 'seattle']],
      [[[65, 0, 20, -130]], ['miami', 'seattle']],
      [[[0, 200, -30, 170]], ['fiji', 'samoa']],
      [[[0, -160, -30, 170]], ['fiji', 'samoa']],
      [[[60, 372, 59, 370]], ['oslo']],
    ]) {
      assert.deepEqual(await visible({ insideBoundingBox }), expected, String(insideBoundingBox));
    }
    assert.deepEqual(await visible({ insidePolygon: [[52, -130, 52, -60, 20, -70, 20, -130]] }), ['miami', 'seattle']);
    assert.deepEqual(await visible({ aroundLatLng: '-18, 538', aroundRadius: 100000 }), ['fiji']);
  });
});
