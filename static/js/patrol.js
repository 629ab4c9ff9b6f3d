// The patrol: the whole walk stands on one page with the form of a visit, so that it works while the network is away. What is
// kept and sent is the roll call's business (roll-store.js, roll-send.js): a visit is a mark with a number of its own.
"use strict";
const PATROL = "patrol"; // in the store it stands where a roll call has its session

roll.readRow = (item) => ({
  ...item.dataset,
  room: item.querySelector(".room").textContent,
  time: item.querySelector(".of").textContent,
  about: item.querySelector(".about").textContent,
  url: item.querySelector("a").getAttribute("href"),
  floor: roll.floorOf(item),
});

roll.floorOf = (item) => {
  let before = item.previousElementSibling;
  while (before && !before.classList.contains("floor")) before = before.previousElementSibling;
  return before?.textContent || "";
};

roll.drawRow = (row) => {
  const item = document.getElementById("row").content.firstElementChild.cloneNode(true);
  const { room, time, about, url, floor, ...data } = row;
  Object.assign(item.dataset, data);
  item.querySelector(".room").textContent = room;
  item.querySelector(".of").textContent = time;
  item.querySelector(".about").textContent = about;
  item.querySelector("a").href = url;
  return item;
};

roll.Walk = class {
  constructor(place, page) {
    Object.assign(this, { place, page, item: null });
    this.form = document.getElementById("visit");
    this.bar = document.getElementById("offline");
    this.news = document.getElementById("news");
    const { base } = place.dataset;
    this.base = base;
    this.queue = new roll.Queue(page, { send: `${base}send/` }, {
      answered: (answers) => this.answered(answers),
      changed: () => this.show(),
      closed: () => {},
      stranger: () => location.replace("/"),
      drained: () => this.drained(),
    });
    this.listen();
  }

  get items() {
    return [...this.place.querySelectorAll(".room-row")];
  }

  find(session) {
    return this.items.find((item) => item.dataset.session === String(session));
  }

  async start() {
    this.queue.load();
    await roll.store.tidy().catch(() => {});
    await this.queue.loading;
    for (const item of this.items) this.paint(item);
    await this.keep();
    setInterval(() => this.poll(), 20000);
  }

  keep() {
    const staff = [...document.querySelectorAll("#id_held_by option")].map((one) => [one.value, one.textContent]);
    const rows = this.items.map((item) => roll.readRow(item));
    return roll.store.keep({ ...this.page, rows, staff }).catch(() => {});
  }

  paint(item) {
    const waiting = this.queue.wanted(item.dataset.session);
    item.classList.toggle("pending", Boolean(waiting));
    const state = item.querySelector(".state");
    const { words, own, opens, tone } = item.dataset;
    state.dataset.s = waiting ? "wait" : words ? tone : "wait";
    const later = Date.parse(opens) > roll.store.now();
    state.textContent = waiting ? this.said(waiting) : words || (own ? "自己的班" : later ? "还没开始" : "没有巡");
    document.getElementById("left").textContent = this.items.filter((one) => !one.dataset.words && !this.queue.wanted(one.dataset.session)).length;
  }

  said(mark) {
    return mark.count === "same" ? `${mark.shown} 人，相符` : mark.count === "other" ? `清点 ${mark.counted}，应有 ${mark.shown}` : "没有清点";
  }

  // The bar over the page: what stands in the way, and how many visits wait on this phone.
  show() {
    const { size, trouble, sentence } = this.queue;
    const kept = size ? `${size} 班的记录存在这部手机上，` : "";
    const words = {
      offline: ["网络断开", `${kept || "可以接着巡，"}联网后自动送出。`],
      server: ["服务器没有回应", `${kept || "正在重试，"}恢复后自动送出。`],
      login: ["登录过期", `${kept}请在新窗口登录，这里就自动送出。`],
      refused: ["没有送出", `${kept}${sentence}`],
    }[trouble];
    this.bar.hidden = !words;
    if (words) [this.bar.querySelector("strong").textContent, this.bar.querySelector("span").textContent] = [`！${words[0]}`, words[1]];
    this.bar.querySelector("[data-login]").hidden = trouble !== "login";
    for (const item of this.items) this.paint(item);
  }

  answered(answers) {
    const sentences = [];
    for (const { child, tone, words, url, sentence } of answers) {
      const item = this.find(child);
      if (sentence) sentences.push(sentence);
      else if (item) {
        Object.assign(item.dataset, { tone, words });
        item.querySelector("a").href = url;
      }
    }
    if (sentences.length) this.news.textContent = sentences.join("　");
    for (const item of this.items) this.paint(item);
    this.keep();
  }

  // All is sent. A page drawn from what the phone had kept gives way to the real one.
  drained() {
    if (this.page.kept && this.form.hidden) location.reload();
  }

  async poll() {
    if (document.hidden || this.queue.size || this.queue.working) return;
    let now;
    try {
      [, now] = await roll.ask(`${this.base}numbers/`);
    } catch (problem) {
      return this.queue.settle(problem.kind);
    }
    if (now.user !== Number(this.page.user)) return location.replace("/");
    this.queue.settle("");
    if (this.page.kept && this.form.hidden) return location.reload();
    for (const [session, row] of Object.entries(now.rows)) {
      const item = this.find(session);
      if (!item) continue;
      Object.assign(item.dataset, { expected: row.expected, token: row.token, at: now.at, tone: row.tone, words: row.words });
      if (row.url) item.querySelector("a").href = row.url;
      this.paint(item);
    }
    if (this.item && !this.chosen("count")) this.fillExpected();
    this.keep();
  }

  chosen(name) {
    return this.form.querySelector(`input[name=${name}]:checked`)?.value || "";
  }

  open(item) {
    this.item = item;
    this.form.reset();
    const row = roll.readRow(item);
    document.getElementById("visit-title").textContent = row.room;
    document.getElementById("visit-about").textContent = row.about;
    this.fillExpected();
    this.slip("");
    this.fit();
    this.place.hidden = true;
    this.form.hidden = false;
    scrollTo(0, 0);
    document.getElementById("visit-title").focus({ preventScroll: true });
    if (location.hash !== "#visit") history.pushState(null, "", "#visit");
  }

  fillExpected() {
    const { expected, at, token } = this.item.dataset;
    document.getElementById("visit-expected").textContent = expected;
    document.getElementById("visit-at").textContent = `${at} 的人数：请假、已接走、在社团的不算`;
    this.form.elements.expected.value = token;
  }

  close() {
    if (this.form.hidden) return;
    this.form.hidden = true;
    this.place.hidden = false;
    this.item?.querySelector("a").focus();
    this.item = null;
  }

  slip(words) {
    const place = document.getElementById("visit-slip");
    place.textContent = words;
    place.hidden = !words;
    if (words) place.scrollIntoView({ block: "center" });
  }

  // What is not asked for is not shown.
  fit() {
    const other = this.chosen("count") === "other";
    document.getElementById("counting").hidden = !other;
    document.getElementById("pad").hidden = !other;
    document.getElementById("holder").hidden = this.chosen("who") !== "held";
    const counted = this.form.elements.counted.value;
    const less = this.item ? Number(this.item.dataset.expected) - Number(counted) : 0;
    document.getElementById("difference").textContent = !counted || !less ? "" : less > 0 ? `少 ${less} 人` : `多 ${-less} 人`;
  }

  press(digit) {
    const field = this.form.elements.counted;
    if (digit === "clear") field.value = "";
    else if (digit === "back") field.value = field.value.slice(0, -1);
    else if (field.value.length < 3) field.value = String(Number(field.value + digit));
    this.fit();
  }

  save() {
    const { elements } = this.form;
    const counted = elements.counted.value;
    if (!this.chosen("count")) return this.slip("请点一下清点的结果。");
    if (this.chosen("count") === "other" && !counted) return this.slip("请写清点到几人。");
    if (!this.chosen("who")) return this.slip("请点一下教师在不在。");
    if (this.chosen("who") === "held" && !elements.held_by.value) return this.slip("请选由谁看着；没有人看着，点“没有教师”。");
    const { session, expected } = this.item.dataset;
    this.news.textContent = "";
    this.queue.add([{
      child: session,
      seen: "",
      number: roll.device.fresh(),
      at: new Date().toISOString(),
      shown: expected,
      expected: elements.expected.value,
      count: this.chosen("count"),
      counted,
      who: this.chosen("who"),
      held_by: elements.held_by.value,
      doing: this.chosen("doing"),
      order: this.chosen("order"),
      note: elements.note.value,
    }]);
    history.back();
  }

  listen() {
    const { form, place } = this;
    place.addEventListener("click", (event) => {
      const item = event.target.closest(".room-row");
      if (!item) return;
      if (this.queue.wanted(item.dataset.session)) {
        event.preventDefault();
        this.news.textContent = "这一班的记录还没有送出，联网送出以后再改。";
      } else if (!item.dataset.words) {
        event.preventDefault();
        if (item.dataset.own) this.news.textContent = "这是您自己的班，请另一位来看。";
        else if (Date.parse(item.dataset.opens) > roll.store.now()) this.news.textContent = "这一场还没开始。";
        else this.open(item);
      }
    });
    form.addEventListener("change", () => {
      this.slip("");
      this.fit();
    });
    form.addEventListener("input", () => this.fit());
    document.getElementById("pad").addEventListener("click", (event) => {
      const { digit } = event.target.dataset;
      if (digit) this.press(digit);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    document.getElementById("visit-back").addEventListener("click", () => history.back());
    addEventListener("popstate", () => this.close());
    document.getElementById("end")?.addEventListener("submit", (event) => {
      if (!this.queue.size && navigator.onLine) return;
      event.preventDefault();
      this.news.textContent = "还有记录没有送出，联网送出以后再结束。";
      this.news.scrollIntoView({ block: "center" });
    });
    this.bar.querySelector("button").addEventListener("click", () => (this.queue.size ? this.queue.send() : this.poll()));
    addEventListener("online", () => (this.queue.size ? this.queue.send() : this.poll()));
    addEventListener("offline", () => this.queue.settle("offline"));
    addEventListener("storage", (event) => {
      if (event.key === "roll-user" && event.newValue && event.newValue !== String(this.page.user)) location.replace("/");
    });
  }
};

// Beginning: a page that the server drew, or the nameless one, filled from what this phone has kept of this person.
(() => {
  const place = document.getElementById("walk");

  function drawn() {
    const { user, day, now, base, worker } = place.dataset;
    roll.remember(user, now);
    navigator.serviceWorker?.register(worker).catch(() => {});
    new roll.Walk(place, { user, session: PATROL, day, title: "巡视", place: "今天", href: base }).start();
  }

  async function shell() {
    const user = roll.remembered();
    const pages = user ? await roll.store.pages(user).catch(() => []) : [];
    const page = pages.find((one) => one.session === PATROL);
    addEventListener("online", () => !page && location.reload());
    if (!page) {
      document.getElementById("none").hidden = false;
      setInterval(() => location.reload(), 5000);
      return;
    }
    place.hidden = false;
    const list = document.getElementById("rooms");
    let floor = "";
    for (const row of page.rows) {
      if (row.floor !== floor) {
        floor = row.floor;
        const head = document.getElementById("floor").content.firstElementChild.cloneNode(true);
        head.querySelector("h2").textContent = floor;
        list.append(head);
      }
      list.append(roll.drawRow(row));
    }
    document.getElementById("id_held_by").replaceChildren(...page.staff.map(([value, name]) => new Option(name, value)));
    const { rows, staff, key, ...known } = page;
    const walk = new roll.Walk(place, { ...known, kept: true });
    walk.queue.trouble = "offline";
    await walk.start();
    walk.show();
  }

  if ("kept" in place.dataset) shell();
  else drawn();
})();
