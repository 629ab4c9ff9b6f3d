// A live part of a page: it asks every few seconds, and the server answers 304 when nothing changed.
(() => {
  "use strict";
  const live = (event) => (event.target instanceof Element ? event.target.closest("[data-live]") : null);
  document.addEventListener("htmx:configRequest", (event) => {
    const part = live(event);
    if (part && part.dataset.version) event.detail.headers["If-None-Match"] = part.dataset.version;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = live(event);
    if (!part) return;
    if (event.detail.xhr.status === 304) event.detail.shouldSwap = false;
    else if (event.detail.xhr.status === 200) part.dataset.version = event.detail.xhr.getResponseHeader("ETag") || "";
  });
  // htmx gives the focus back to what carries an id; a phone number doesn't, and is found again by where it leads.
  let focused = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    focused = live(event)?.contains(active) && !active.id ? active.getAttribute("href") || "" : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!focused || document.activeElement !== document.body) return;
    live(event)?.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    focused = "";
  });
})();
