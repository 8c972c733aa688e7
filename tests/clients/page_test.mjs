// What a page shows of hits: values in their places, what matched marked in them.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import Typesense from 'typesense';

import { closeBrowser } from './browser.mjs';
import { RunningNode } from './node.mjs';
import { Page } from './page.mjs';

let node;
let client;
let page;

before(async () => {
  node = await RunningNode.start();
  client = new Typesense.Client(node.server);
});
afterEach(() => page.close());
after(async () => {
  closeBrowser();
  await node.stop();
});

async function fill(schema, ...documents) {
  await client.collections().create(schema);
  for (const document of documents) {
    await client.collections(schema.name).documents().create(document);
  }
}

describe('a page', () => {
  it('follows single writes of a shop', async () => {
    await fill({ name: 'shoes', fields: [{ name: 'title', type: 'string' }] });
    const documents = client.collections('shoes').documents();
    page = await Page.open({
      node, indexName: 'shoes', additionalSearchParameters: { query_by: 'title' },
      attributesOf: () => [['title']],
    });
    assert.deepEqual(await page.type('shoe'), []);
    await documents.create({ id: '1', title: 'A red shoe' });
    assert.deepEqual(await page.refresh(), [['A red [shoe]']]);
    await documents.upsert({ id: '2', title: 'A blue boot' });
    assert.deepEqual(await page.refresh(), [['A red [shoe]']]);
    await documents.upsert({ id: '2', title: 'A blue shoe' });
    assert.deepEqual(await page.refresh(), [['A blue [shoe]'], ['A red [shoe]']]);
    await client.collections('shoes').documents('1').update({ title: 'A shoe, green' });
    assert.deepEqual(await page.refresh(), [['A blue [shoe]'], ['A [shoe], green']]);
    await client.collections('shoes').documents('2').delete();
    assert.deepEqual(await page.refresh(), [['A [shoe], green']]);
  });

  it('shows every element of an array in its place', async () => {
    await fill(
      { name: 'phones', fields: [{ name: 'categories', type: 'string[]' }] },
      { id: '1', categories: ['SIM Cards', 'Cell Phones', 'Prepaid'] },
      { id: '2', categories: ['Phone cases', 'Cases', 'Smart phone cases'] });
    for (const widget of ['Highlight', 'Snippet']) {
      page?.close();
      page = await Page.open({
        node, indexName: 'phones', widget, additionalSearchParameters: { query_by: 'categories' },
        attributesOf: (hit) => hit.categories.map((_, index) => ['categories', String(index)]),
      });
      assert.deepEqual((await page.type('phone')).sort(), [
        ['SIM Cards', 'Cell [Phone]s', 'Prepaid'],
        ['[Phone] cases', 'Cases', 'Smart [phone] cases'],
      ], widget);
    }
  });

  it('shows every element of arrays in objects of an array in its place', async () => {
    await fill(
      {
        name: 'shirts', enable_nested_fields: true,
        fields: [{ name: 'variants', type: 'object[]' }, { name: 'maker', type: 'object' }],
      },
      {
        id: '1',
        maker: { name: 'Blue Mill', towns: ['Leeds', 'Blue Hill'] },
        variants: [
          { name: 'Plain', colors: ['red', 'blue'] },
          { name: 'Blue stripes', colors: ['green'] },
          { colors: ['black', 'light blue', 'white'] },
        ],
      });
    page = await Page.open({
      node, indexName: 'shirts', additionalSearchParameters: { query_by: 'variants,maker' },
      attributesOf: (hit) => [
        ['maker', 'name'],
        ...hit.maker.towns.map((_, index) => ['maker', 'towns', String(index)]),
        ...hit.variants.flatMap((variant, each) => [
          ...(variant.name ? [['variants', String(each), 'name']] : []),
          ...variant.colors.map((_, index) => ['variants', String(each), 'colors', String(index)]),
        ]),
      ],
    });
    assert.deepEqual(await page.type('blue'), [[
      '[Blue] Mill', 'Leeds', '[Blue] Hill',
      'Plain', 'red', '[blue]',
      '[Blue] stripes', 'green',
      'black', 'light [blue]', 'white',
    ]]);
  });

  it('shows every element of arrays in arrays in its place', async () => {
    await fill(
      { name: 'tables', enable_nested_fields: true, fields: [{ name: 'rows', type: 'object[]' }] },
      {
        id: '1',
        rows: [
          { cells: [{ text: 'plain' }, { text: 'blue' }] },
          { note: 'nothing here' },
          { cells: [{ text: 'none' }, { text: 'blue sky' }, { text: 'none' }] },
        ],
      });
    page = await Page.open({
      node, indexName: 'tables', additionalSearchParameters: { query_by: 'rows' },
      attributesOf: (hit) => hit.rows.flatMap((row, each) => (row.cells ?? []).map(
        (_, index) => ['rows', String(each), 'cells', String(index), 'text'])),
    });
    assert.deepEqual(await page.type('blue'),
      [['plain', '[blue]', 'none', '[blue] sky', 'none']]);
  });

  it('shows what a shop wrote, whatever signs are in it', async () => {
    await fill(
      { name: 'signs', fields: [{ name: 'notes', type: 'string[]' }] },
      { id: '1', notes: ['a < b & c', 'shoe <b>bold</b>', '"quoted" shoe', ''] });
    page = await Page.open({
      node, indexName: 'signs', additionalSearchParameters: { query_by: 'notes' },
      attributesOf: (hit) => hit.notes.map((_, index) => ['notes', String(index)]),
    });
    assert.deepEqual(await page.type('shoe'),
      [['a < b & c', '[shoe] <b>bold</b>', '"quoted" [shoe]', '']]);
  });
});

describe('the older highlights', () => {
  it('count the elements of an array as the document has them', async () => {
    page = await Page.open({
      node, indexName: 'phones', additionalSearchParameters: { query_by: 'categories' },
      attributesOf: () => [],
    });
    const { hits } = await client.collections('phones').documents()
      .search({ q: 'phone', query_by: 'categories' });
    const { highlights: [highlight] } = hits.find((hit) => hit.document.id === '1');
    assert.equal(highlight.field, 'categories');
    const place = highlight.indices.indexOf(1);
    assert.equal(highlight.snippets[place], 'Cell <mark>Phone</mark>s');
    assert.deepEqual(highlight.matched_tokens[place], ['Phones']);
  });

  it('count elements that are nothing', async () => {
    await fill({ name: 'gaps', fields: [{ name: 'tags', type: 'string[]' }] },
      { id: '1', tags: [null, 'plain', 'blue', null, 'light blue'] });
    page = await Page.open({
      node, indexName: 'gaps', additionalSearchParameters: { query_by: 'tags' },
      attributesOf: (hit) => hit.tags.map((_, index) => ['tags', String(index)]),
    });
    assert.deepEqual(await page.type('blue'), [['', 'plain', '[blue]', '', 'light [blue]']]);
    const { hits: [{ highlights: [highlight] }] } = await client.collections('gaps').documents()
      .search({ q: 'blue', query_by: 'tags' });
    for (const index of [2, 4]) {
      assert.match(highlight.snippets[highlight.indices.indexOf(index)], /<mark>blue<\/mark>/);
    }
  });
});
