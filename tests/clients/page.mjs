// A page with widgets: a list of hits, a search box and a map, all of InstantSearch and fed through
// the adapter.

import { createRequire } from 'node:module';

import { Adapter } from './adapter.mjs';
import { seen, window } from './browser.mjs';

const instantsearch = createRequire(import.meta.url)(
  'instantsearch.js/dist/instantsearch.production.min.js');

const SHOWN_WITHIN_MS = 20_000;

export class Page {
  /** `attributesOf(hit)` returns the paths of what a hit shows, one paragraph each. */
  static async open({ node, indexName, attributesOf, widget = 'Highlight', ...options }) {
    const page = new Page();
    page.container = window.document.createElement('div');
    const { searchClient } = new Adapter({ server: node.server, ...options });
    page.search = instantsearch({ indexName, searchClient });
    page.search.addWidgets([
      instantsearch.widgets.hits({
        container: page.container,
        templates: {
          item: (hit, { html, components }) => attributesOf(hit).map(
            (attribute) => html`<p>${components[widget]({ hit, attribute })}</p>`),
        },
      }),
      instantsearch.connectors.connectSearchBox((box) => { page.box = box; })({}),
      instantsearch.connectors.connectGeoSearch((map) => { page.map = map; })({}),
      instantsearch.connectors.connectConfigure(() => {})({ searchParameters: { hitsPerPage: 50 } }),
    ]);
    await page.#whenShown(() => page.search.start());
    return page;
  }

  async type(query) {
    await this.#whenShown(() => this.box.refine(query));
    return this.hits;
  }

  /** Moves the map so that it shows what is between two corners; returns the ids of its markers. */
  async moveMap(northEast, southWest) {
    await this.#whenShown(() => this.map.refine({ northEast, southWest }));
    return this.map.items.map((item) => item.objectID).sort();
  }

  /** Sends parameters that no widget of ours sends; returns the ids of what is shown then. */
  async configure(parameters) {
    await this.#whenShown(() => this.search.helper
      .setState(this.search.helper.state.setQueryParameters(parameters)).search());
    return this.map.items.map((item) => item.objectID).sort();
  }

  /** Asks again for what is shown. */
  async refresh() {
    await this.#whenShown(() => this.search.refresh());
    return this.hits;
  }

  /** What is shown: the paragraphs of each hit. */
  get hits() {
    return [...this.container.querySelectorAll('.ais-Hits-item')].map(
      (item) => [...item.querySelectorAll('p')].map(seen));
  }

  close() {
    this.search.dispose();
  }

  #whenShown(action) {
    const { search } = this;
    const before = search.helper?.lastResults;
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => done(reject, new Error(`nothing new was shown; ${search.status}`)), SHOWN_WITHIN_MS);
      const done = (finish, value) => {
        clearTimeout(deadline);
        search.removeListener('render', onRender);
        search.removeListener('error', onError);
        finish(value);
      };
      const onError = ({ error }) => done(reject, error);
      const onRender = () => {
        const results = search.helper.lastResults;
        if (search.status === 'idle' && results && results !== before) {
          done(resolve);
        }
      };
      search.on('render', onRender);
      search.on('error', onError);
      action();
    });
  }
}
