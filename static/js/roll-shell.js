// Beginning: which page this is, whose, and what the browser keeps of it.
"use strict";
(() => {
  // A page that the server drew.
  const form = document.querySelector("form[data-base]:not([hidden])");
  const drawn = (data) => ({
    user: data.user, session: data.session, day: data.day, title: data.title, place: data.place,
    opens: data.opens, ends: data.ends, begun: form.id === "roll",
    rows: [...form.querySelectorAll(".tile")].map((tile) => roll.readTile(tile)),
  });

  async function open() {
    const page = drawn(form.dataset);
    roll.remember(page.user, form.dataset.now);
    worker();
    const kept = roll.store.page(page.user, page.session).catch(() => null);
    if (page.begun) return new roll.Page(form, page).start(kept);
    page.beganAt = (await kept)?.beganAt;
    // Not begun: kept for the case that the network breaks before, and begun at once where it is time.
    await roll.store.tidy().catch(() => {});
    await roll.store.keep(page).catch(() => {});
    if (page.beganAt) return deliver(page, form.dataset.base, () => location.replace(form.dataset.base));
    if (form.dataset.auto !== undefined) form.requestSubmit();
  }

  // A closed roll call: what this PC has not sent yet goes out as mending, then nothing is kept.
  async function closed({ dataset }) {
    roll.remember(dataset.user, dataset.now);
    worker();
    const { user, session, day, base } = dataset;
    const left = (await roll.store.batches(user, session).catch(() => [])).length;
    await roll.store.tidy().catch(() => {});
    const forget = () => roll.store.forget(user, session).catch(() => {});
    if (!left) return forget();
    await deliver({ user, session, day }, base, () => forget().then(() => location.replace(base)));
  }

  // Send what is kept, without a page to show it on.
  function deliver(page, base, done) {
    const nothing = () => {};
    const stranger = () => location.replace("/");
    const on = { answered: nothing, changed: nothing, closed: nothing, stranger, drained: done };
    return new roll.Queue(page, { begin: `${base}begin/`, send: `${base}send/` }, on).load();
  }

  function worker() {
    const url = document.querySelector("[data-worker]")?.dataset.worker;
    if (url) navigator.serviceWorker?.register(url, { scope: "/" }).catch(() => {});
  }

  // The page without names that stands in when the network is away: filled from what this browser kept of this teacher.
  async function shell() {
    const kept = document.getElementById("kept");
    if (!kept) return;
    const pages = await roll.store.pages(roll.remembered()).catch(() => []);
    const wanted = location.pathname.match(/sessions\/(\d+)\/roll-call/)?.[1];
    const page = pages.find((one) => one.session === wanted) || (pages.length === 1 && !wanted && !pages[0].href ? pages[0] : null);
    if (page) return show(page);
    const list = kept.querySelector(".rows");
    for (const one of wanted ? [] : pages) {
      const link = document.createElement("a");
      link.className = "go";
      link.href = one.href || `/attendance/sessions/${one.session}/roll-call/`; // a patrol has an address of its own
      link.textContent = `${one.title}　${one.place}`;
      const row = document.createElement("li");
      row.append(link);
      list.append(row);
    }
    kept.querySelector(list.children.length ? ".some" : ".none").hidden = false;
    addEventListener("online", () => location.reload());
    setInterval(() => location.reload(), 5000); // "online" may come before the school can be reached
  }

  function show(page) {
    const place = document.getElementById("roll");
    document.getElementById("kept").hidden = true;
    place.hidden = false;
    place.dataset.base = `/attendance/sessions/${page.session}/roll-call/`;
    place.querySelector("h1").textContent = `点名　${page.title}`;
    place.querySelector(".roll-head .soft").textContent = page.place;
    place.querySelector(".roll").append(...page.rows.map((row) => roll.drawTile(row)));
    const rows = Math.max(9, Math.ceil(page.rows.length / 5));
    place.querySelector(".roll").classList.add(rows === 10 ? "rows-10" : rows > 10 ? "rows-more" : "roll");
    // The first opening in its time is its teacher's sign-in, by this device's time.
    const now = roll.store.now();
    if (!page.begun && page.opens && now >= Date.parse(page.opens) && now <= Date.parse(page.ends)) {
      page.beganAt ||= new Date().toISOString();
    }
    const shown = new roll.Page(place, page);
    shown.queue.trouble = "offline";
    shown.start(Promise.resolve(page));
  }

  const done = document.getElementById("roll-closed");
  if (form) open();
  else if (done) closed(done);
  else shell();
})();
