// The official JavaScript client, unmodified, against the real binary.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import Typesense from 'typesense';

import { API_KEY, RunningNode } from './node.mjs';

const PRODUCTS = [
  { id: '1', title: 'Red running shoe', brand: 'Acme', color: ['red'], price: 50, rank: 5, shop: [52.52, 13.4] },
  { id: '2', title: 'Blue running shoe', brand: 'Acme', color: ['blue'], price: 60, rank: 4, shop: [48.85, 2.35] },
  { id: '3', title: 'Green hiking boot', brand: 'Peak', color: ['green'], price: 120, rank: 3, shop: [48.86, 2.34] },
  { id: '4', title: 'Red hiking boot', brand: 'Peak', color: ['red', 'black'], price: 130, rank: 2, shop: [40.71, -74.0] },
  { id: '5', title: 'Black leather belt', brand: 'Tan', color: ['black'], price: 20, rank: 1, shop: [51.5, -0.12] },
];

const SCHEMA = {
  name: 'products',
  fields: [
    { name: 'title', type: 'string' },
    { name: 'brand', type: 'string', facet: true },
    { name: 'color', type: 'string[]', facet: true },
    { name: 'price', type: 'int32', facet: true },
    { name: 'rank', type: 'int32' },
    { name: 'shop', type: 'geopoint' },
  ],
  default_sorting_field: 'rank',
};

let node;
let client;

function clientWith(apiKey) {
  return new Typesense.Client({
    nodes: [node.address], apiKey, numRetries: 0, connectionTimeoutSeconds: 20, logLevel: 'silent',
  });
}

async function search(parameters, from = client) {
  return from.collections('products').documents().search({ q: '*', query_by: 'title', ...parameters });
}

async function idsOf(parameters, from = client) {
  return (await search(parameters, from)).hits.map((hit) => hit.document.id);
}

before(async () => {
  node = await RunningNode.start();
  client = clientWith(API_KEY);
  await client.collections().create(SCHEMA);
  const lines = await client.collections('products').documents().import(PRODUCTS, { action: 'upsert' });
  assert.deepEqual(lines.map((line) => line.success), PRODUCTS.map(() => true));
});
after(() => node.stop());

describe('collections and documents', () => {
  it('are made, described, listed and changed', async () => {
    const described = await client.collections('products').retrieve();
    assert.equal(described.num_documents, PRODUCTS.length);
    assert.ok((await client.collections().retrieve()).some((one) => one.name === 'products'));
    await client.collections().create({ name: 'short', fields: [{ name: 'a', type: 'string' }] });
    await client.collections('short').update({ fields: [{ name: 'b', type: 'int32', optional: true }] });
    assert.equal((await client.collections('short').delete()).name, 'short');
    assert.equal(await client.collections('short').exists(), false);
  });

  it('are written, read and deleted one by one', async () => {
    const documents = client.collections('products').documents();
    await documents.create({ ...PRODUCTS[0], id: 'a/b c' });
    await assert.rejects(documents.create({ ...PRODUCTS[0], id: 'a/b c' }), Typesense.Errors.ObjectAlreadyExists);
    const one = client.collections('products').documents('a/b c');
    assert.equal((await one.retrieve()).price, 50);
    assert.equal((await one.update({ price: 55 })).price, 55);
    assert.equal((await one.delete()).id, 'a/b c');
    await assert.rejects(one.retrieve(), Typesense.Errors.ObjectNotFound);
  });

  it('are written and deleted by filter, and exported', async () => {
    const documents = client.collections('products').documents();
    await documents.import(['x', 'y'].map((id) => ({ ...PRODUCTS[4], id, brand: 'Gone' })));
    assert.deepEqual(await documents.update({ price: 7 }, { filter_by: 'brand:=Gone' }), { num_updated: 2 });
    assert.deepEqual(await documents.delete({ filter_by: 'brand:=Gone' }), { num_deleted: 2 });
    const lines = (await documents.export()).trim().split('\n');
    assert.deepEqual(lines.map((line) => JSON.parse(line).id).sort(), ['1', '2', '3', '4', '5']);
  });

  it('report each bad line of an import', async () => {
    const documents = client.collections('products').documents();
    await assert.rejects(documents.import([{ id: 'bad', title: 7 }], { dirty_values: 'reject' }),
      (error) => error.importResults?.[0].success === false);
  });

  it('are reached by an alias', async () => {
    await client.aliases().upsert('shop', { collection_name: 'products' });
    assert.equal((await client.aliases('shop').retrieve()).collection_name, 'products');
    const found = await client.collections('shop').documents().search({ q: 'belt', query_by: 'title' });
    assert.equal(found.request_params.collection_name, 'products');
    assert.equal((await client.aliases().retrieve()).aliases.length, 1);
    await client.aliases('shop').delete();
  });
});

describe('search', () => {
  it('finds, filters, sorts and pages', async () => {
    assert.deepEqual(await idsOf({ q: 'hiking boot', sort_by: 'price:desc' }), ['4', '3']);
    assert.deepEqual(await idsOf({ filter_by: 'price:[20..60] && color:=[red,blue]', sort_by: 'price:asc' }), ['1', '2']);
    assert.deepEqual(await idsOf({ sort_by: 'price:asc', per_page: 2, page: 2 }), ['2', '3']);
  });

  it('counts facets of several selections in one request', async () => {
    const base = { q: '*', query_by: 'title', facet_by: 'brand,color,price', collection: 'products' };
    const { results } = await client.multiSearch.perform({
      searches: [
        { ...base, filter_by: 'brand:=[Acme,Peak] && color:=red' },
        { ...base, facet_by: 'brand', filter_by: 'color:=red', per_page: 0 },
        { ...base, facet_by: 'color', filter_by: 'brand:=[Acme,Peak]', per_page: 0 },
      ],
    });
    assert.equal(results[0].found, 2);
    const counts = (result) => Object.fromEntries(
      result.facet_counts[0].counts.map(({ value, count }) => [value, count]));
    assert.deepEqual(counts(results[1]), { Acme: 1, Peak: 1 });
    assert.deepEqual(counts(results[2]), { red: 2, blue: 1, green: 1, black: 1 });
    const price = results[0].facet_counts.find((facet) => facet.field_name === 'price');
    assert.equal(price.stats.max, 130);
  });

  it('marks what matched', async () => {
    const [hit] = (await search({ q: 'leather' })).hits;
    assert.equal(hit.highlight.title.snippet, 'Black <mark>leather</mark> belt');
    assert.deepEqual(hit.highlights[0].matched_tokens, ['leather']);
  });

  it('says what is wrong', async () => {
    await assert.rejects(search({ filter_by: 'nothing:=1' }), Typesense.Errors.ObjectNotFound);
    await assert.rejects(search({ per_page: 500 }), Typesense.Errors.ObjectUnprocessable);
    await assert.rejects(client.collections('nowhere').documents().search({ q: '*' }),
      Typesense.Errors.ObjectNotFound);
  });
});

describe('curation', () => {
  it('pins and hides what the request names', async () => {
    const found = await search({ sort_by: 'price:asc', pinned_hits: '4:1', hidden_hits: '5' });
    assert.deepEqual(found.hits.map((hit) => hit.document.id), ['4', '1', '2', '3']);
    assert.equal(found.found, 4);
    assert.equal(found.hits[0].curated, true);
    const second = await idsOf({ sort_by: 'price:asc', pinned_hits: '4:1', hidden_hits: '5', per_page: 2, page: 2 });
    assert.deepEqual(second, ['2', '3']);
  });

  it('follows the rules of a set', async () => {
    await client.curationSets('sale').upsert({
      items: [
        {
          id: 'boots-first', rule: { query: 'shoe', match: 'contains' },
          includes: [{ id: '3', position: 1 }], excludes: [{ id: '2' }], metadata: { banner: 'boots' },
        },
        { id: 'brands', rule: { query: '{brand} things', match: 'exact' }, filter_by: 'brand:={brand}' },
        { id: 'tagged', rule: { tags: ['vip'] }, sort_by: 'price:desc' },
        { id: 'words', rule: { query: 'footwear', match: 'exact' }, replace_query: 'boot' },
        { id: 'past', rule: { query: 'belt', match: 'exact' }, excludes: [{ id: '5' }], effective_to_ts: 1000 },
      ],
    });
    const sale = { curation_sets: 'sale' };
    const found = await search({ q: 'shoe', ...sale });
    assert.deepEqual(found.hits.map((hit) => hit.document.id), ['3', '1']);
    assert.deepEqual(found.metadata, { banner: 'boots' });
    const brand = await search({ q: 'peak things', ...sale });
    assert.deepEqual(brand.hits.map((hit) => hit.document.id).sort(), ['3', '4']);
    assert.equal(brand.request_params.q, '*');
    assert.equal(brand.request_params.first_q, 'peak things');
    assert.deepEqual(await idsOf({ q: '*', curation_tags: 'vip', ...sale }), ['4', '3', '2', '1', '5']);
    assert.deepEqual((await idsOf({ q: 'footwear', ...sale })).sort(), ['3', '4']);
    assert.deepEqual(await idsOf({ q: 'belt', ...sale }), ['5']);
    assert.deepEqual(await idsOf({ q: 'shoe', enable_curations: false, ...sale }), ['1', '2']);
  });

  it('keeps sets and their items', async () => {
    assert.ok((await client.curationSets().retrieve()).some((set) => set.name === 'sale'));
    assert.equal((await client.curationSets('sale').items().retrieve()).length, 5);
    const item = client.curationSets('sale').items('words');
    assert.equal((await item.retrieve()).replace_query, 'boot');
    assert.equal((await item.delete()).id, 'words');
    await assert.rejects(item.retrieve(), Typesense.Errors.ObjectNotFound);
    assert.equal((await client.curationSets('sale').delete()).name, 'sale');
  });

  it('serves the older generation from the same rules', async () => {
    const overrides = client.collections('products').overrides();
    await overrides.upsert('first', {
      rule: { query: 'shoe', match: 'exact' }, includes: [{ id: '5', position: 1 }],
    });
    assert.deepEqual(await idsOf({ q: 'shoe' }), ['5', '1', '2']);
    assert.deepEqual(await idsOf({ q: 'shoe', enable_overrides: false }), ['1', '2']);
    assert.equal((await overrides.retrieve()).overrides.length, 1);
    assert.equal((await client.collections('products').overrides('first').delete()).id, 'first');
    assert.deepEqual(await idsOf({ q: 'shoe' }), ['1', '2']);
  });
});

describe('presets', () => {
  it('fill in what a search leaves out', async () => {
    await client.presets().upsert('cheap', { value: { filter_by: 'price:<100', sort_by: 'price:asc' } });
    assert.deepEqual(await idsOf({ preset: 'cheap' }), ['5', '1', '2']);
    assert.deepEqual(await idsOf({ preset: 'cheap', sort_by: 'price:desc' }), ['2', '1', '5']);
    assert.equal((await client.presets().retrieve()).presets.length, 1);
    assert.equal((await client.presets('cheap').retrieve()).name, 'cheap');
    assert.equal((await client.presets('cheap').delete()).name, 'cheap');
  });
});

describe('keys', () => {
  it('allow what they say and nothing else', async () => {
    const key = await client.keys().create({
      description: 'search', actions: ['documents:search'], collections: ['prod.*'],
    });
    assert.equal(key.expires_at, 64723363199);
    const limited = clientWith(key.value);
    assert.equal((await search({}, limited)).found, 5);
    await assert.rejects(limited.collections('products').documents('1').retrieve(), Typesense.Errors.RequestUnauthorized);
    await assert.rejects(limited.keys().retrieve(), Typesense.Errors.RequestUnauthorized);
    const listed = (await client.keys().retrieve()).keys.find((one) => one.id === key.id);
    assert.equal(listed.value_prefix, key.value.slice(0, 4));
    assert.equal(listed.value, undefined);
    assert.equal((await client.keys(key.id).delete()).id, key.id);
    await assert.rejects(search({}, limited), Typesense.Errors.RequestUnauthorized);
  });

  it('expire', async () => {
    const key = await client.keys().create({
      description: 'old', actions: ['*'], collections: ['*'], expires_at: 1000,
    });
    await assert.rejects(search({}, clientWith(key.value)), Typesense.Errors.RequestUnauthorized);
  });

  it('make scoped keys that nothing widens', async () => {
    const parent = await client.keys().create({
      description: 'parent', actions: ['documents:search'], collections: ['products'],
    });
    const scoped = clientWith(client.keys().generateScopedSearchKey(parent.value, {
      filter_by: 'brand:=Acme', exclude_fields: 'rank',
    }));
    const found = await search({ exclude_fields: 'title' }, scoped);
    assert.deepEqual(found.hits.map((hit) => hit.document.id), ['1', '2']);
    assert.equal(found.hits[0].document.rank, undefined);
    assert.deepEqual(await idsOf({ filter_by: 'color:=red' }, scoped), ['1']);
    for (const parameters of [
      { filter_by: 'color:=red || brand:=Peak' },
      { pinned_hits: '4:1' },
      { pinned_hits: '4:1', filter_by: 'brand:=Peak' },
      { filter_by: 'nothing:=1 || brand:=Peak', validate_field_names: false },
    ]) {
      const ids = await idsOf(parameters, scoped);
      assert.ok(ids.every((id) => ['1', '2'].includes(id)), JSON.stringify([parameters, ids]));
    }
    await assert.rejects(search({ filter_by: 'color:=red) || (brand:=Peak' }, scoped),
      Typesense.Errors.RequestMalformed);
    const { results } = await scoped.multiSearch.perform({
      searches: [{ collection: 'products', q: '*', pinned_hits: '4:1', filter_by: 'price:>0' }],
    });
    assert.equal(results[0].found, 2);
    await assert.rejects(scoped.collections('products').documents().export(), Typesense.Errors.RequestUnauthorized);
    const expired = clientWith(client.keys().generateScopedSearchKey(parent.value, { expires_at: 1000 }));
    await assert.rejects(search({}, expired), Typesense.Errors.RequestUnauthorized);
  });
});

describe('synonyms', () => {
  it('are kept in both generations', async () => {
    await client.synonymSets('words').upsert({ items: [{ id: 'a', synonyms: ['footwear', 'shoe'] }] });
    assert.equal((await client.synonymSets('words').retrieve()).items.length, 1);
    await client.synonymSets('words').items().upsert('b', { root: 'strap', synonyms: ['belt'] });
    assert.equal((await client.synonymSets('words').items().retrieve()).length, 2);
    assert.equal((await client.synonymSets('words').items('a').delete()).id, 'a');
    await client.collections('products').synonyms().upsert('c', { synonyms: ['sandal', 'shoe'] });
    assert.equal((await client.collections('products').synonyms().retrieve()).synonyms.length, 1);
    assert.ok((await client.synonymSets().retrieve()).length === 2);
  });

  it('are found', async () => {
    await client.collections('products').update({ synonym_sets: ['words'] });
    assert.deepEqual(await idsOf({ q: 'strap' }), ['5']);
    assert.deepEqual(await idsOf({ q: 'sandal' }), ['1', '2']);
    assert.deepEqual(await idsOf({ q: 'strap', enable_synonyms: false }), []);
  });
});

describe('stopwords', () => {
  it('are kept, and leave words out of queries', async () => {
    const kept = await client.stopwords().upsert('small', { stopwords: ['the', 'For'], locale: 'en' });
    assert.deepEqual(kept, { id: 'small', stopwords: ['the', 'For'], locale: 'en' });
    const words = { ...kept, stopwords: ['the', 'for'] };
    assert.deepEqual((await client.stopwords('small').retrieve()).stopwords, words);
    assert.deepEqual((await client.stopwords().retrieve()).stopwords, [words]);
    const exact = { q: 'the belt for', drop_tokens_threshold: 0, num_typos: 0 };
    assert.deepEqual(await idsOf(exact), []);
    assert.deepEqual(await idsOf({ ...exact, stopwords: 'small' }), ['5']);
    await assert.rejects(idsOf({ ...exact, stopwords: 'missing' }), { httpStatus: 404 });
    assert.deepEqual(await client.stopwords('small').delete(), { id: 'small' });
    await assert.rejects(client.stopwords('small').retrieve(), { httpStatus: 404 });
  });
});

describe('stemming', () => {
  it('knows other forms of words, and dictionaries of them', async () => {
    const lines = await client.stemming.dictionaries().upsert('plurals', [{ word: 'feet', root: 'foot' }]);
    assert.deepEqual(lines, [{ word: 'feet', root: 'foot' }]);
    assert.deepEqual(await client.stemming.dictionaries().retrieve(), { dictionaries: ['plurals'] });
    assert.equal((await client.stemming.dictionaries('plurals').retrieve()).words[0].root, 'foot');
    await client.collections().create({ name: 'stemmed', fields: [
      { name: 'title', type: 'string', stem: true, stem_dictionary: 'plurals' }] });
    const documents = client.collections('stemmed').documents();
    await documents.create({ id: '1', title: 'hiking boots' });
    await documents.create({ id: '2', title: 'bare foot' });
    const found = async (q) => (await documents.search({ q, query_by: 'title', num_typos: 0 })).hits
      .map((hit) => hit.document.id);
    assert.deepEqual(await found('boot'), ['1']);
    assert.deepEqual(await found('feet'), ['2']);
  });
});

describe('the rest', () => {
  it('groups', async () => {
    const found = await search({ group_by: 'brand', group_limit: 1, sort_by: 'price:asc' });
    assert.equal(found.found, 3);
    assert.deepEqual(found.grouped_hits.map((group) => group.group_key), [['Tan'], ['Acme'], ['Peak']]);
  });

  it('knows where things are', async () => {
    const near = await search({ filter_by: 'shop:(48.85, 2.35, 10 km)', sort_by: 'shop(48.85, 2.35):asc' });
    assert.deepEqual(near.hits.map((hit) => hit.document.id), ['2', '3']);
    assert.equal(near.hits[0].geo_distance_meters.shop, 0);
  });

  it('merges searches into one list', async () => {
    const asked = ['belt', 'shoe'].map((q) => ({ collection: 'products', q, query_by: 'title' }));
    const merged = await client.multiSearch.perform({ union: true, searches: asked });
    assert.equal(merged.found, 3);
    assert.deepEqual(merged.hits.map((hit) => [hit.search_index, hit.document.id]).sort(),
      [[0, '5'], [1, '1'], [1, '2']]);
    assert.ok(merged.hits.every((hit) => hit.collection === 'products'));
  });

  it('says of each search that was merged what was asked', async () => {
    const asked = ['belt', 'shoe'].map((q) => ({ collection: 'products', q, query_by: 'title' }));
    const merged = await client.multiSearch.perform({ union: true, searches: asked });
    assert.deepEqual(merged.union_request_params.map((one) => [one.collection_name, one.q, one.found]),
      [['products', 'belt', 1], ['products', 'shoe', 2]]);
  });

  it('has no analytics rules', async () => {
    assert.deepEqual(await client.analytics.rules().retrieve(), []);
  });

  it('shows what requests cost', async () => {
    await idsOf({ q: 'belt' });
    const stats = await client.stats.retrieve();
    for (const kind of ['search', 'write', 'import', 'delete', 'total', 'overloaded']) {
      assert.equal(typeof stats[`${kind}_requests_per_second`], 'number', kind);
    }
    assert.ok(stats.search_requests_per_second > 0 && stats.search_latency_ms > 0);
    assert.ok(stats.requests_per_second['GET /collections/:c/documents/search'] > 0);
  });

  it('shows how it is', async () => {
    assert.deepEqual(await client.health.retrieve(), { ok: true });
    assert.match((await client.debug.retrieve()).version, /^30\./);
    assert.equal(typeof (await client.metrics.retrieve()).system_memory_total_bytes, 'string');
    assert.equal(typeof (await client.stats.retrieve()).pending_write_batches, 'number');
    assert.deepEqual(await client.operations.perform('cache/clear'), { success: true });
  });
});
