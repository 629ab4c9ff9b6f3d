// The roll call: keys and touch, a mark kept at once and sent in its turn, the figures in the head. Without it the form
// alone does the work. Tiles stand in roll-tile.js, keeping in roll-store.js, sending in roll-send.js, finding in roll-find.js.
"use strict";
roll.Page = class {
  constructor(form, page) {
    Object.assign(this, { form, page, closing: false, delivered: 0 });
    this.list = form.querySelector(".roll");
    this.news = document.getElementById("news");
    this.bar = document.getElementById("offline");
    this.finder = new roll.Finder();
    const { base } = form.dataset;
    this.urls = { base, begin: `${base}begin/`, send: `${base}send/`, save: `${base}save/`, marks: `${base}marks/` };
    this.queue = new roll.Queue(page, this.urls, {
      answered: (answers) => this.answered(answers),
      changed: () => this.show(),
      closed: () => this.leave(),
      stranger: () => this.away(),
      drained: () => this.drained(),
    });
    this.box = new roll.JoinBox(document.getElementById("join"), `${base}nearby/`, (child) => this.join(child));
    this.listen();
  }

  get tiles() {
    return [...this.list.querySelectorAll(".tile")];
  }

  tile(child) {
    return this.list.querySelector(`.tile[data-child="${child}"]`);
  }

  seen(tile) {
    return tile.querySelector("input[type=hidden]");
  }

  radios(tile) {
    return [...tile.querySelectorAll("input[type=radio]")];
  }

  // What stands on a tile: what is wanted and not confirmed yet, else what the server said.
  state(tile) {
    return this.queue.wanted(tile.dataset.child)?.state || this.seen(tile).value;
  }

  // Whom nobody called and who is neither elsewhere nor looked for; `sought`: those looked for as well.
  waiting({ sought = false } = {}) {
    const apart = (tile) => tile.dataset.apart === "elsewhere" || (!sought && tile.dataset.apart === "sought");
    return this.tiles.filter((tile) => this.state(tile) === "not_called" && !apart(tile));
  }

  // before: what this browser kept of the page, or null; a promise, so that keys work from the first moment.
  async start(before) {
    const first = this.waiting()[0] || this.tiles[0];
    if (first) this.stand(first);
    this.queue.load();
    await roll.store.tidy().catch(() => {});
    await this.queue.loading;
    const kept = await before;
    this.drawJoined(kept?.rows || []);
    if (kept?.closing) this.close();
    for (const tile of this.tiles) this.paint(tile);
    await this.keep();
    setTimeout(() => this.box.load().catch(() => {}), 1500);
    setInterval(() => this.poll(), 15000);
    if (this.kept && !this.queue.size && !this.page.beganAt) this.poll();
    this.lasts = await roll.store.lasts();
  }

  get kept() {
    return this.form.dataset.kept !== undefined;
  }

  // Children taken in on this PC whom the server doesn't know of yet.
  drawJoined(rows) {
    for (const { child } of this.queue.marks.filter((mark) => mark.how === "joins")) {
      const row = rows.find((one) => one.child === child);
      if (row && !this.tile(child)) this.list.append(roll.drawTile(row));
    }
  }

  keep() {
    this.page.rows = this.tiles.map((tile) => roll.readTile(tile));
    this.page.closing = this.closing;
    return roll.store.keep(this.page).catch(() => {});
  }

  paint(tile) {
    roll.paintTile(tile, this.state(tile), Boolean(this.queue.wanted(tile.dataset.child)));
  }

  count() {
    const states = this.tiles.map((tile) => this.state(tile));
    const of = (...wanted) => states.filter((state) => wanted.includes(state)).length;
    const called = states.length - of("not_called");
    const not_called = this.waiting({ sought: true }).length;
    const figures = {
      expected: states.length, here: of("present", "late"), leave: of("leave"), absent: of("absent"),
      not_called, elsewhere: states.length - called - not_called, sweep: this.waiting().length,
    };
    for (const place of this.form.querySelectorAll("[data-n]")) place.textContent = figures[place.dataset.n];
    this.form.querySelector("[data-n=absent]").parentElement.classList.toggle("alarm", figures.absent > 0);
    this.form.querySelector("[data-when=elsewhere]").hidden = figures.elsewhere === 0;
    const rest = document.getElementById("rest");
    const close = document.getElementById("close");
    rest.hidden = figures.sweep === 0;
    close.classList.toggle("btn-primary", figures.sweep === 0);
    close.classList.toggle("btn-secondary", figures.sweep > 0);
    return figures;
  }

  // The bar in place of the page's head says what stands in the way, and how much waits on this PC.
  show() {
    this.count();
    const { size, trouble, sentence } = this.queue;
    const kept = size ? `${size} 项记录存在这台电脑上（标 ↑），` : "";
    const then = this.closing ? "自动送出，然后完成点名。" : "自动送出。可以继续点名。";
    const words = {
      offline: ["网络断开", size || this.closing ? `${kept}联网后${then}` : "可以继续点名，记录先存在这台电脑上，联网后自动送出。"],
      server: ["服务器没有回应", `${kept || "正在重试，"}恢复后${then}`],
      login: ["登录过期", `${kept}请在新窗口登录，这里就${then}`],
      refused: ["没有送出", `${kept}${sentence}`],
    }[trouble];
    this.bar.hidden = !words;
    this.wasInTrouble ||= Boolean(words);
    if (words) [this.bar.querySelector("strong").textContent, this.bar.querySelector("span").textContent] = [`！${words[0]}`, words[1]];
    this.bar.querySelector("[data-login]").hidden = trouble !== "login";
    this.news.classList.toggle("pending", size > 0);
  }

  say(...parts) {
    this.news.replaceChildren(...parts);
  }

  mark(tile, state) {
    const child = tile.dataset.child;
    if (state === this.state(tile)) return;
    this.closing = false;
    this.say();
    this.put([{ child, seen: this.seen(tile).value, state, at: new Date().toISOString() }]);
    this.paint(tile);
    this.count();
    this.keep();
  }

  put(marks) {
    if (!this.page.begun) this.page.beganAt ||= marks[0].at;
    this.queue.add(marks);
  }

  // The browser marks each child that nobody called: so it works without the network as well.
  rest() {
    const at = new Date().toISOString();
    const waiting = this.waiting();
    if (!waiting.length) return;
    this.say();
    this.put(waiting.map((tile) => ({ child: tile.dataset.child, seen: "not_called", state: "present", at, how: "rest" })));
    for (const tile of waiting) this.paint(tile);
    this.count();
    this.keep();
  }

  async close() {
    const names = this.waiting({ sought: true }).map((tile) => tile.querySelector("b").textContent);
    if (names.length) {
      const more = names.length > 8 ? `等 ${names.length} 人` : "";
      return this.say(`还有 ${names.length} 人没点名：${names.slice(0, 8).join("、")}${more}。`);
    }
    this.closing = true;
    this.keep();
    this.say(this.queue.size ? "记录送到后就完成点名。" : "");
    await this.queue.send();
  }

  // All is with the server: say so, finish if that was wanted, and where the page was only kept, show the true one.
  async drained() {
    const told = this.delivered;
    this.delivered = 0;
    if (this.closing) return this.finish();
    if (this.kept) return this.reload();
    if (this.wasInTrouble && told && !this.news.textContent) this.say(`${told} 项记录已送到。`);
    this.wasInTrouble = false;
  }

  async finish() {
    const [status, answer] = await this.queue.post(this.urls.save, { close: "1" });
    this.closing = false;
    if (status === 200 && answer.closed) return this.leave();
    await this.poll();
    this.say(answer.sentence || "没有完成，请再试一次。");
  }

  async leave() {
    this.leaving = true;
    if (!this.queue.size) await roll.store.forget(this.page.user, this.page.session).catch(() => {});
    location.assign(this.urls.base);
  }

  // Somebody else is logged in here now: not this person's page any more.
  away() {
    if (!this.leaving) location.replace("/");
    this.leaving = true;
  }

  reload() {
    this.leaving = true;
    location.replace(this.urls.base);
  }

  answered(answers) {
    const sentences = [];
    for (const { child, state, sentence, later, apart } of answers) {
      const tile = this.tile(child);
      if (sentence) sentences.push(sentence);
      else this.delivered += 1;
      if (!tile) continue;
      if (!state) {
        tile.closest("li").remove();
        continue;
      }
      this.seen(tile).value = state;
      roll.setApart(tile, ...apart);
      if (later.length && state === "absent") this.ask(tile, later);
    }
    for (const tile of this.tiles) this.paint(tile);
    if (sentences.length) {
      this.closing = false;
      this.say(sentences.join("　"));
    }
    this.keep();
  }

  // After a first absence: for the rest of the day too?
  ask(tile, later) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary all-day";
    const key = document.createElement("kbd");
    key.textContent = "5";
    button.append(key, " 今天都不来");
    button.title = `${later.join("、")}也记“未到”`;
    button.addEventListener("click", async () => {
      button.disabled = true;
      const url = `${this.urls.base}children/${tile.dataset.child}/stay-away/`;
      const [, answer] = await this.queue.post(url, {}).catch(() => [0, { sentence: "没有送到，请再按一次。" }]);
      this.say(answer.sentence);
    });
    this.say(`${tile.querySelector("b").textContent}今天还有 ${later.join("、")}：`, button);
  }

  async poll() {
    if (document.hidden || this.queue.size || this.queue.working || this.leaving) return;
    let now;
    try {
      [, now] = await roll.ask(this.urls.marks);
    } catch (problem) {
      if (problem.kind === "stranger") return this.away();
      this.queue.sentence = problem.sentence;
      this.queue.settle(problem.kind);
      return;
    }
    if (now.user !== Number(this.page.user)) return this.away();
    this.queue.settle("");
    if (this.kept || this.closing) return this.queue.send();
    if (now.closed) return this.leave();
    const told = [];
    for (const [child, [state, , , sentence, ...apart]] of Object.entries(now.marks)) {
      const tile = this.tile(child);
      if (!tile) return this.reload();
      if (this.queue.wanted(child)) continue;
      if (sentence && this.seen(tile).value !== state) told.push(`${tile.querySelector("b").textContent}：${sentence}`);
      this.seen(tile).value = state;
      roll.setApart(tile, ...apart);
      this.paint(tile);
    }
    this.count();
    if (told.length) this.say(told.join("　"));
  }

  join([id, name, className, spelling, number]) {
    const child = String(id);
    const label = `${className} ${number ? `${number} 号 ` : ""}${name}`;
    const row = { child, label, number: "＋", name, spelling, note: "临时加入", state: "not_called" };
    this.list.append(roll.drawTile(row));
    const rows = Math.max(9, Math.ceil(this.tiles.length / 5));
    this.list.classList.toggle("rows-10", rows === 10);
    this.list.classList.toggle("rows-more", rows > 10);
    this.put([{ child, seen: "not_called", state: "present", at: new Date().toISOString(), how: "joins" }]);
    const tile = this.tile(child);
    this.paint(tile);
    this.stand(tile);
    tile.scrollIntoView({ block: "nearest" });
    this.count();
    this.keep();
  }

  openBox() {
    this.box.open(new Set(this.tiles.map((tile) => tile.dataset.child)));
  }

  // One stop of the Tab key for the whole list; arrows walk it and never mark a child that nobody looked at.
  stand(tile, focus = true) {
    this.current = tile;
    for (const other of this.tiles) for (const radio of this.radios(other)) radio.tabIndex = -1;
    const radio = tile.querySelector("input:checked") || this.radios(tile)[0];
    radio.tabIndex = 0;
    if (focus) radio.focus();
  }

  walk(key) {
    const { tiles } = this;
    const left = tiles[0].getBoundingClientRect().left;
    const perColumn = tiles.filter((tile) => Math.abs(tile.getBoundingClientRect().left - left) < 2).length;
    const byRows = this.list.classList.contains("rows-more") && perColumn < tiles.length;
    const down = byRows ? 5 : 1;
    const across = byRows ? 1 : perColumn < tiles.length ? perColumn : 1;
    const step = { ArrowDown: down, ArrowUp: -down, ArrowRight: across, ArrowLeft: -across }[key];
    const next = tiles[tiles.indexOf(this.current) + step];
    if (next) this.stand(next);
  }

  // Digits by the key, since an input method may swallow what it means.
  act(event) {
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] ?? (/^\d$/.test(event.key) ? event.key : "");
    const state = { 1: "present", 2: "late", 3: "leave", 4: "absent" }[digit];
    const letter = roll.letter(event);
    if (event.key.startsWith("Arrow")) this.walk(event.key);
    else if (state && this.current) {
      this.mark(this.current, state);
      this.stand(this.current);
    } else if (digit === "0") this.rest();
    else if (digit === "5") this.news.querySelector(".all-day")?.click();
    else if (event.key === "Enter") this.close();
    else if (["+", "="].includes(event.key) || event.code === "NumpadAdd") this.openBox();
    else if (letter) {
      const found = this.finder.type(letter, this.tiles);
      if (found) this.stand(found);
      this.say(found ? `${this.finder.letters}：${found.querySelector("b").textContent}` : `${letter}：没有这样的名字`);
    } else return false;
    return true;
  }

  listen() {
    const { form, list } = this;
    list.addEventListener("focusin", (event) => {
      const tile = event.target.closest(".tile");
      if (tile && tile !== this.current) this.stand(tile, false);
    });
    list.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (this.act(event)) event.preventDefault();
    });
    list.addEventListener("change", (event) => {
      const tile = event.target.closest(".tile");
      if (tile) this.mark(tile, event.target.value);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter?.name === "rest") this.rest();
      else this.close();
    });
    document.getElementById("unlisted")?.addEventListener("click", (event) => {
      event.preventDefault();
      this.openBox();
    });
    this.bar.querySelector("button").addEventListener("click", () => (this.queue.size ? this.queue.send() : this.poll()));
    addEventListener("online", () => (this.queue.size || this.page.beganAt ? this.queue.send() : this.poll()));
    addEventListener("offline", () => this.queue.settle("offline"));
    addEventListener("beforeunload", (event) => {
      if (this.queue.size && this.lasts === false) event.preventDefault();
    });
    addEventListener("storage", (event) => {
      if (event.key === "roll-user" && event.newValue && event.newValue !== String(this.page.user)) this.away();
    });
  }
};
