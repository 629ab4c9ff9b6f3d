// {{ what }} without the network. It keeps one page without any name and the files that page needs, and answers with
// them alone: for its own addresses when the server can't be reached. A page of a person is never kept here.
"use strict";
const KEPT = {% autoescape off %}{{ kept }}{% endautoescape %};
const CACHE = `${KEPT.name}-${KEPT.version}`;
const OWN = new RegExp(KEPT.pages);
const AWAY = [502, 503, 504]; // a server that restarts behind its proxy

addEventListener("install", (event) => {
  // Without credentials: what is kept is what a stranger would get.
  const wanted = [KEPT.shell, ...KEPT.files].map((url) => new Request(url, { credentials: "omit", cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith(`${KEPT.name}-`) && name !== CACHE);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => clients.claim()));
});

const shell = async () => (await (await caches.open(CACHE)).match(KEPT.shell)) || Response.error();

async function page(request) {
  try {
    const answer = await fetch(request);
    return AWAY.includes(answer.status) ? await shell() : answer;
  } catch {
    return shell();
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(CACHE)).match(request)) || Response.error();
  }
}

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && OWN.test(url.pathname)) event.respondWith(page(event.request));
  else if (KEPT.files.includes(url.pathname)) event.respondWith(file(event.request));
});
