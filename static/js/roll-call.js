// The roll call: keys, a mark saved at once, the figures in the head. Without it the form alone does the work.
"use strict";
(() => {
  const begin = document.querySelector("#begin[data-auto]");
  if (begin) {
    begin.requestSubmit();
    return;
  }
  const form = document.getElementById("roll");
  if (!form) return;

  const KEYS = { 1: "present", 2: "late", 3: "leave", 4: "absent" };
  const TONES = { not_called: "wait", present: "present", late: "late", leave: "leave", absent: "missing" };
  const WORDS = { not_called: "未点名", present: "到", late: "迟到", leave: "请假", absent: "未到" };
  const RETRY = 4000;
  const POLL = 15000;
  const list = form.querySelector(".roll");
  const news = document.getElementById("news");
  const closeButton = document.getElementById("close");
  const restButton = document.getElementById("rest");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const tiles = [...form.querySelectorAll(".tile")];
  const byChild = new Map(tiles.map((tile) => [tile.dataset.child, tile]));
  const pending = new Map(); // child -> the state that is wanted and not yet confirmed, with the device's time
  let sending = null; // the promise of what is under way
  let last = Promise.resolve(); // buttons take their turn

  const device = (() => {
    try {
      let id = localStorage.getItem("device");
      if (!id) {
        id = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
        localStorage.setItem("device", id);
      }
      return id;
    } catch {
      return "";
    }
  })();

  const seen = (tile) => tile.querySelector("input[type=hidden]");
  const radios = (tile) => [...tile.querySelectorAll("input[type=radio]")];
  const chosen = (tile) => tile.querySelector("input:checked")?.value || "not_called";

  function paint(tile, state) {
    const word = tile.querySelector(".state");
    tile.dataset.s = word.dataset.s = TONES[state];
    word.textContent = WORDS[state];
    word.classList.toggle("wait", pending.has(tile.dataset.child));
    for (const radio of radios(tile)) radio.checked = radio.value === state;
  }

  function count() {
    const states = tiles.map(chosen);
    const of = (...wanted) => states.filter((state) => wanted.includes(state)).length;
    const figures = {
      expected: tiles.length, here: of("present", "late"), leave: of("leave"),
      absent: of("absent"), not_called: of("not_called"),
    };
    for (const place of form.querySelectorAll("[data-n]")) place.textContent = figures[place.dataset.n];
    form.querySelector("[data-n=absent]").parentElement.classList.toggle("alarm", figures.absent > 0);
    restButton.hidden = figures.not_called === 0;
    closeButton.classList.toggle("btn-primary", figures.not_called === 0);
    closeButton.classList.toggle("btn-secondary", figures.not_called > 0);
  }

  function say(sentence) {
    news.textContent = sentence;
    news.classList.toggle("pending", pending.size > 0);
  }

  function waiting() {
    if (pending.size) say(`${pending.size} 项还没有送出，正在重试。请不要关闭这一页。`);
    else if (news.classList.contains("pending")) say("");
  }

  async function post(url, values) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, device, ...values });
    const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": token }, redirect: "manual" });
    const isJson = (answer.headers.get("Content-Type") || "").includes("json");
    if (!isJson) throw new Error(answer.type === "opaqueredirect" || answer.status === 403 ? "login" : "server");
    return [answer.status, await answer.json()];
  }

  function send() {
    sending ??= sendAll().finally(() => { sending = null; });
    return sending;
  }

  async function sendAll() {
    try {
      while (pending.size) {
        const [child, wish] = pending.entries().next().value;
        const tile = byChild.get(child);
        const [status, now] = await post(form.dataset.mark, { child, seen: seen(tile).value, state: wish.state, device_at: wish.at });
        if (status === 400) throw new Error("server");
        seen(tile).value = now.state;
        if (pending.get(child) === wish) {
          pending.delete(child);
          paint(tile, now.state);
        }
        count();
        if (now.sentence) say(now.sentence);
        else waiting();
      }
    } catch (problem) {
      waiting();
      if (problem.message === "login") say(`登录已过期：有 ${pending.size} 项没有送出。请在新窗口登录，再回到这一页。`);
      news.classList.add("pending");
      setTimeout(send, RETRY);
    }
  }

  function set(tile, state) {
    const child = tile.dataset.child;
    if (state === seen(tile).value && !pending.has(child)) return;
    pending.set(child, { state, at: new Date().toISOString() });
    paint(tile, state);
    count();
    send();
  }

  function whole(button) {
    last = last.then(() => press(button));
    return last;
  }

  async function press(button) {
    try {
      if (pending.size) await send(); // a key pressed right after a mark waits for it
      if (pending.size) return waiting();
      const [, answer] = await post(form.action, { [button]: "1" });
      if (answer.closed) return location.assign(location.pathname);
      await refresh();
      say(answer.sentence);
    } catch (problem) {
      say(problem.message === "login" ? "登录已过期，请重新登录。" : "没有送到，网络好像断了。请再试一次。");
    }
  }

  async function refresh() {
    const answer = await fetch(form.dataset.marks, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!answer.ok) return;
    const now = await answer.json();
    if (now.closed) return location.assign(location.pathname);
    const told = [];
    for (const [child, [state, , , sentence]] of Object.entries(now.marks)) {
      const tile = byChild.get(child);
      if (!tile) return pending.size ? undefined : location.reload();
      if (pending.has(child)) continue;
      if (sentence && seen(tile).value !== state) told.push(`${tile.querySelector("b").textContent}：${sentence}`);
      seen(tile).value = state;
      paint(tile, state);
    }
    count();
    if (told.length) say(told.join("　"));
  }

  // One stop of the Tab key for the whole list; arrows walk it and never mark a child that nobody looked at.
  let current = tiles.find((tile) => chosen(tile) === "not_called") || tiles[0];
  function stand(tile, focus = true) {
    current = tile;
    for (const other of tiles) for (const radio of radios(other)) radio.tabIndex = -1;
    const radio = tile.querySelector("input:checked") || radios(tile)[0];
    radio.tabIndex = 0;
    if (focus) radio.focus();
  }

  function walk(key) {
    const top = tiles[0].getBoundingClientRect();
    const perColumn = tiles.filter((tile) => Math.abs(tile.getBoundingClientRect().left - top.left) < 2).length;
    const byRows = list.classList.contains("rows-more") && perColumn < tiles.length;
    const down = byRows ? 5 : 1;
    const across = byRows ? 1 : perColumn < tiles.length ? perColumn : 1;
    const step = { ArrowDown: down, ArrowUp: -down, ArrowRight: across, ArrowLeft: -across }[key];
    const next = tiles[tiles.indexOf(current) + step];
    if (next) stand(next);
  }

  if (current) stand(current);
  list?.addEventListener("focusin", (event) => {
    const tile = event.target.closest(".tile");
    if (tile && tile !== current) stand(tile, false);
  });
  list?.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key.startsWith("Arrow")) walk(event.key);
    else if (KEYS[event.key]) {
      set(current, KEYS[event.key]);
      stand(current);
    } else if (event.key === "0") whole("rest");
    else if (event.key === "Enter") whole("close");
    else return;
    event.preventDefault();
  });
  list?.addEventListener("change", (event) => {
    const tile = event.target.closest(".tile");
    if (tile) set(tile, event.target.value);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    whole(event.submitter?.name || "close");
  });
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => {
    if (pending.size) event.preventDefault();
  });
  setInterval(() => {
    if (!document.hidden && !pending.size && !sending) refresh().catch(() => {});
  }, POLL);
})();
