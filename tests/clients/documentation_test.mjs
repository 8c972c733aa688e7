// The search of documentation pages: its records have plain keys with dots in them.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';

import Typesense from 'typesense';

import { closeBrowser, seen, until, window } from './browser.mjs';
import { RunningNode } from './node.mjs';

const docsearch = createRequire(import.meta.url)('typesense-docsearch.js');

const LEVELS = [0, 1, 2, 3, 4, 5, 6].map((level) => `hierarchy.lvl${level}`);
const SCHEMA = {
  name: 'docs',
  fields: [
    ...LEVELS.map((name) => ({ name, type: 'string', facet: true, optional: true })),
    { name: 'content', type: 'string', optional: true },
    { name: 'url', type: 'string', facet: true },
    { name: 'anchor', type: 'string', optional: true },
    { name: 'type', type: 'string', facet: true, optional: true },
    { name: 'weight.level', type: 'int64', optional: true },
    { name: 'item_priority', type: 'int64' },
  ],
  default_sorting_field: 'item_priority',
  token_separators: ['_', '-'],
};
const RECORDS = [
  {
    id: 'title', url: 'http://localhost/guide#install', anchor: 'install', type: 'lvl1',
    'hierarchy.lvl0': 'Guide', 'hierarchy.lvl1': 'Installing the node',
    'weight.level': 90, item_priority: 90,
  },
  {
    id: 'text', url: 'http://localhost/guide#service', anchor: 'service', type: 'content',
    'hierarchy.lvl0': 'Guide', 'hierarchy.lvl1': 'Operating', 'hierarchy.lvl2': 'As a service',
    content: 'The package can install itself as a service that starts with the machine and stops with it.',
    'weight.level': 0, item_priority: 10,
  },
  {
    id: 'other', url: 'http://localhost/reference#keys', anchor: 'keys', type: 'lvl2',
    'hierarchy.lvl0': 'Reference', 'hierarchy.lvl1': 'Settings', 'hierarchy.lvl2': 'Keys that expire',
    'weight.level': 80, item_priority: 80,
  },
];

let node;
let client;

before(async () => {
  node = await RunningNode.start();
  client = new Typesense.Client(node.server);
  await client.collections().create(SCHEMA);
  await client.collections('docs').documents().import(RECORDS);
});
after(async () => {
  closeBrowser();
  await node.stop();
});

// What the page's own script sends.
const PARAMETERS = {
  query_by: [...LEVELS, 'content'].join(','),
  include_fields: [...LEVELS, 'content', 'anchor', 'url', 'type', 'id'].join(','),
  highlight_full_fields: [...LEVELS, 'content'].join(','),
  group_by: 'url',
  group_limit: 3,
  sort_by: 'item_priority:desc',
  snippet_threshold: 8,
  highlight_affix_num_tokens: 4,
};

describe('records with dotted keys', () => {
  const find = async (parameters) => {
    const { results } = await client.multiSearch.perform(
      { searches: [{ collection: 'docs', ...PARAMETERS, ...parameters }] });
    return results[0].grouped_hits.flatMap((group) => group.hits);
  };

  it('are found, grouped and shown as they were written', async () => {
    const hits = await find({ q: 'install' });
    assert.deepEqual(hits.map((hit) => hit.document.id), ['title', 'text']);
    const { 'weight.level': _, item_priority: __, ...shown } = RECORDS[0];
    assert.deepEqual(hits[0].document, shown);
  });

  it('are highlighted under their keys', async () => {
    const [title] = await find({ q: 'install' });
    assert.deepEqual(title.highlight['hierarchy.lvl1'], {
      matched_tokens: ['Installing'],
      snippet: '<mark>Install</mark>ing the node',
      value: '<mark>Install</mark>ing the node',
    });
    assert.equal(title.highlight.hierarchy, undefined);
  });

  it('have entries in the older highlights', async () => {
    const [title] = await find({ q: 'install' });
    const entry = title.highlights.find((highlight) => highlight.field === 'hierarchy.lvl1');
    assert.equal(entry.snippet, '<mark>Install</mark>ing the node');
    assert.deepEqual(entry.matched_tokens, ['Installing']);
  });

  it('are highlighted in the fields that were asked for', async () => {
    const [hit] = await find({ q: 'service', highlight_fields: 'hierarchy.lvl2', highlight_full_fields: '' });
    assert.deepEqual(Object.keys(hit.highlight), ['hierarchy.lvl2']);
    assert.equal(hit.highlight['hierarchy.lvl2'].snippet, 'As a <mark>service</mark>');
  });

  it('are filtered and counted by their keys', async () => {
    const found = await client.collections('docs').documents().search({
      q: '*', filter_by: 'hierarchy.lvl0:=Guide && weight.level:>50', facet_by: 'hierarchy.lvl1',
    });
    assert.deepEqual(found.hits.map((hit) => hit.document.id), ['title']);
    assert.deepEqual(found.facet_counts[0].counts.map(({ value, count }) => [value, count]),
      [['Installing the node', 1]]);
  });
});

describe('a documentation page', () => {
  // The dialog, as it is after the query was typed into it.
  const type = async (query, shows) => {
    const input = window.document.querySelector('.DocSearch-Input');
    input.value = query;
    input.dispatchEvent(new window.Event('input', { bubbles: true }));
    return until(() => {
      const sections = [...window.document.querySelectorAll('.DocSearch-Hits')].map((section) => ({
        source: seen(section.querySelector('.DocSearch-Hit-source')),
        hits: [...section.querySelectorAll('.DocSearch-Hit')].map((hit) => ({
          title: seen(hit.querySelector('.DocSearch-Hit-title')),
          path: seen(hit.querySelector('.DocSearch-Hit-path') ?? window.document.createElement('i')),
          link: hit.querySelector('a').href,
        })),
      }));
      return shows(sections) && sections;
    });
  };

  before(async () => {
    docsearch({
      container: '#page', typesenseCollectionName: 'docs', typesenseSearchParameters: {},
      typesenseServerConfig: node.server,
    });
    (await until(() => window.document.querySelector('.DocSearch-Button'))).click();
    await until(() => window.document.querySelector('.DocSearch-Input'));
  });

  it('shows titles and text with what matched', async () => {
    const [guide] = await type('install', (sections) => sections.length === 1);
    assert.equal(guide.source, 'Guide');
    assert.deepEqual(guide.hits.map((hit) => hit.link),
      ['http://localhost/guide#install', 'http://localhost/guide#service']);
    assert.equal(guide.hits[0].title, '[Install]ing the node');
    assert.match(guide.hits[1].title, /can \[install\] itself/);
    assert.equal(guide.hits[1].path, 'Operating');
  });

  it('shows what a word of a lower heading finds, and where that is', async () => {
    const [reference] = await type('expire',
      (sections) => sections.length === 1 && sections[0].source === 'Reference');
    assert.deepEqual(reference.hits, [{
      title: 'Keys that [expire]', path: 'Settings', link: 'http://localhost/reference#keys',
    }]);
  });
});
