// What the browser keeps of a roll call: pages (with names) and batches of marks not yet confirmed, each under the
// teacher's own number, so that another person on this PC neither sees nor sends them. Gone when all is sent and the roll
// call is closed, names at the login page, everything the next day. Where a browser keeps nothing, memory has to do.
"use strict";
window.roll = {};
roll.store = (() => {
  const memory = { pages: new Map(), batches: new Map() };
  let opening = null;

  function open() {
    opening ??= new Promise((resolve) => {
      const request = globalThis.indexedDB?.open("roll-call", 1);
      if (!request) return resolve(null);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("pages", { keyPath: "key" });
        request.result.createObjectStore("batches", { keyPath: "number" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(null);
    }).catch(() => null);
    return opening;
  }

  // One transaction: `work` gets the store and gives a request, or does several and gives nothing.
  async function within(name, mode, work) {
    const db = await open();
    if (!db) return work(inMemory(memory[name]))?.result;
    return new Promise((resolve, reject) => {
      const transaction = db.transaction(name, mode);
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  function inMemory(map) {
    const answer = (result) => {
      const request = { result };
      queueMicrotask(() => request.onsuccess?.());
      return request;
    };
    return {
      get: (key) => answer(map.get(key)),
      getAll: () => answer([...map.values()]),
      put: (row) => answer(map.set(row.key || row.number, structuredClone(row)) && undefined),
      delete: (key) => answer(map.delete(key) && undefined),
    };
  }

  const keyOf = (user, session) => `${user}/${session}`;
  const read = (name, key) => within(name, "readonly", (rows) => rows.get(key));
  const all = (name) => within(name, "readonly", (rows) => rows.getAll());
  const remove = (name, key) => within(name, "readwrite", (rows) => rows.delete(key));

  // The school's time, as the server last told it and the device's clock has counted on.
  function now() {
    try {
      return Date.now() + Number(localStorage.getItem("roll-clock") || 0);
    } catch {
      return Date.now();
    }
  }

  const today = () => new Date(now()).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

  return {
    now,
    lasts: async () => Boolean(await open()),
    page: (user, session) => read("pages", keyOf(user, session)),
    pages: async (user) => ((await all("pages")) || []).filter((page) => page.user === user && page.day === today()),
    keep: (page) => within("pages", "readwrite", (rows) => rows.put({ ...page, key: keyOf(page.user, page.session) })),
    forget: (user, session) => remove("pages", keyOf(user, session)),
    drop: (number) => remove("batches", number),

    async batches(user, session) {
      const found = ((await all("batches")) || []).filter((batch) => batch.user === user && batch.session === session);
      return found.sort((one, other) => one.made - other.made);
    },

    // Write a batch that may still grow. False when another window has taken it over meanwhile: its marks are in good hands.
    async save(batch) {
      let there = true;
      await within("batches", "readwrite", (rows) => {
        const before = rows.get(batch.number);
        before.onsuccess = () => {
          there = !batch.saved || Boolean(before.result);
          if (there) rows.put({ ...batch, saved: true });
        };
      });
      if (there) batch.saved = true;
      return there;
    },

    // Take over what other windows of this person have not sent yet. What was on its way keeps its number, so that the
    // server knows it again; what may still grow gets a new one, and the window that began it begins another.
    async takeOver(user, session, newNumber, own) {
      const found = (await this.batches(user, session)).filter((batch) => !own(batch));
      for (const batch of found.filter((one) => !one.frozen)) {
        await this.drop(batch.number);
        batch.number = newNumber();
        batch.frozen = true;
        batch.saved = false;
        await this.save(batch);
      }
      return found;
    },

    // A new day, or another person: what is old goes.
    async tidy() {
      for (const name of ["pages", "batches"]) {
        for (const row of (await all(name)) || []) {
          if (row.day < today()) await remove(name, row.key || row.number);
        }
      }
    },

    // Nobody is logged in: names go, marks stay (numbers alone) until their teacher comes back.
    async forgetNames() {
      for (const page of (await all("pages")) || []) await remove("pages", page.key);
    },
  };
})();

// Who was last logged in here, and how far the school's clock is from this device's.
roll.remember = (user, now) => {
  try {
    localStorage.setItem("roll-user", user);
    if (now) localStorage.setItem("roll-clock", String(Date.parse(now) - Date.now()));
  } catch {
    // nothing is kept: it works as long as the page stays open
  }
};
roll.remembered = () => {
  try {
    return localStorage.getItem("roll-user");
  } catch {
    return null;
  }
};

roll.device = (() => {
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
  let id = fresh();
  try {
    id = localStorage.getItem("device") || id;
    localStorage.setItem("device", id);
  } catch {
    // a browser that keeps nothing is a new device each time
  }
  return { id, fresh };
})();
