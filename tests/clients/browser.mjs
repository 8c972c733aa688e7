// A browser's window, as far as widgets need one. Import it before whatever looks for a window.

import { JSDOM } from 'jsdom';

export const { window } = new JSDOM('<div id="page"></div>', {
  url: 'http://localhost/', pretendToBeVisual: true,
});
// Nothing here has a size, so it has none that a style could ask for.
window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {} });
globalThis.window = window;
globalThis.self ??= globalThis;
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis)) {
    globalThis[name] = window[name];
  }
}

/** Returns the text that a reader sees, with brackets around what is marked. */
export function seen(element) {
  return [...element.childNodes].map((child) => {
    if (child.nodeType === window.Node.TEXT_NODE) {
      return child.textContent;
    }
    return child.nodeName === 'MARK' ? `[${seen(child)}]` : seen(child);
  }).join('');
}

/** Returns what `look` returns as soon as that is true, looking again whenever the page changes. */
export function until(look) {
  return new Promise((resolve, reject) => {
    const observer = new window.MutationObserver(() => check());
    const deadline = setTimeout(() => {
      observer.disconnect();
      reject(new Error(`the page still shows: ${window.document.body.innerHTML}`));
    }, 20_000);
    const check = () => {
      const found = look();
      if (found) {
        observer.disconnect();
        clearTimeout(deadline);
        resolve(found);
      }
    };
    observer.observe(window.document, { subtree: true, childList: true, characterData: true });
    check();
  });
}

/** Ends what would keep the process alive. */
export function closeBrowser() {
  window.close();
}
