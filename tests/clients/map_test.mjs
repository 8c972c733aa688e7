// What a map shows: widgets send two corners, the adapter makes a polygon of four of them.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { closeBrowser } from './browser.mjs';
import { RunningNode } from './node.mjs';
import { Page } from './page.mjs';

const PLACES = {
  anchorage: [61.22, -149.9], apia: [-13.83, -171.76], auckland: [-36.85, 174.76],
  brownsville: [25.9, -97.5], cairo: [30.04, 31.24], honolulu: [21.31, -157.86],
  lima: [-12.05, -77.04], london: [51.51, -0.13], miami: [25.76, -80.19],
  nairobi: [-1.29, 36.82], paris: [48.86, 2.35], seattle: [47.61, -122.33],
  suva: [-18.14, 178.44], sydney: [-33.87, 151.21], tokyo: [35.68, 139.69],
  winnipeg: [49.9, -97.14],
};
const ALL = Object.keys(PLACES).sort();

let node;
let page;

before(async () => {
  node = await RunningNode.start();
  await node.ask('POST', '/collections', {
    body: {
      name: 'places',
      fields: [{ name: 'name', type: 'string' }, { name: 'location', type: 'geopoint' }],
    },
  });
  for (const [id, location] of Object.entries(PLACES)) {
    await node.ask('POST', '/collections/places/documents', { body: { id, name: id, location } });
  }
  page = await Page.open({
    node, indexName: 'places', geoLocationField: 'location',
    additionalSearchParameters: { query_by: 'name' }, attributesOf: () => [['name']],
  });
});
after(async () => {
  page.close();
  closeBrowser();
  await node.stop();
});

// The widget takes no 0, whatever the node would do with it.
const corner = (lat, lng) => ({ lat, lng });

describe('a map', () => {
  it('shows a city', async () => {
    assert.deepEqual(await page.moveMap(corner(49, 2.6), corner(48.7, 2.1)), ['paris']);
    assert.deepEqual(page.map.items[0]._geoloc, { lat: 48.86, lng: 2.35 });
  });

  it('shows the whole world', async () => {
    assert.deepEqual(await page.moveMap(corner(90, 180), corner(-90, -180)), ALL);
  });

  it('shows nearly the whole world, without what is at its edge', async () => {
    const beyond = ['apia', 'auckland', 'suva'];
    assert.deepEqual(await page.moveMap(corner(80, 170), corner(-80, -170)),
      ALL.filter((id) => !beyond.includes(id)));
  });

  it('shows a third of the world', async () => {
    assert.deepEqual(await page.moveMap(corner(60, 60), corner(-60, -60)),
      ['cairo', 'london', 'nairobi', 'paris']);
  });

  it('shows a country between two parallels', async () => {
    assert.deepEqual(await page.moveMap(corner(49.5, -66), corner(24.5, -125)),
      ['brownsville', 'miami', 'seattle']);
  });

  it('shows what lies on both sides of the antimeridian', async () => {
    assert.deepEqual(await page.moveMap(corner(-1, -165), corner(-40, 170)),
      ['apia', 'auckland', 'suva']);
  });

  it('shows the same when it was panned beyond the antimeridian', async () => {
    assert.deepEqual(await page.moveMap(corner(-1, 195), corner(-40, 170)),
      ['apia', 'auckland', 'suva']);
    assert.deepEqual(await page.moveMap(corner(-1, -165), corner(-40, -190)),
      ['apia', 'auckland', 'suva']);
  });

  it('shows the same when it was panned once around the world', async () => {
    assert.deepEqual(await page.moveMap(corner(49, 362.6), corner(48.7, 362.1)), ['paris']);
  });

  it('shows the whole world when it shows more than that', async () => {
    assert.deepEqual(await page.moveMap(corner(85, 250), corner(-85, -250)), ALL);
  });

  it('shows everything again', async () => {
    assert.deepEqual(await page.configure({ insideBoundingBox: undefined }), ALL);
  });
});

describe('a page', () => {
  it('shows what is inside a polygon', async () => {
    for (const insidePolygon of [[[55, -10, 55, 20, 40, 5]], '55,-10,55,20,40,5']) {
      assert.deepEqual(await page.configure({ insidePolygon }), ['london', 'paris']);
    }
    await page.configure({ insidePolygon: undefined });
  });

  it('shows what is near', async () => {
    assert.deepEqual(await page.configure({ aroundLatLng: '48.85, 2.34', aroundRadius: 400_000 }),
      ['london', 'paris']);
    assert.deepEqual(await page.configure({ aroundLatLng: '48.85, 2.34', aroundRadius: 300_000 }),
      ['paris']);
    assert.deepEqual(await page.configure({ aroundLatLng: '-16, 179', aroundRadius: 1_200_000 }),
      ['apia', 'suva']);
  });
});
