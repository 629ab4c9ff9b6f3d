// Sending marks: in batches, one at a time and in order, each under a number of its own until the server has answered.
// A batch that was on its way when the network broke is sent again as it was: the server counts it once.
"use strict";
roll.Queue = class {
  // on: answered(answers), changed(), closed(), stranger(), drained()
  constructor(page, urls, on) {
    Object.assign(this, { page, urls, on, batches: [], trouble: "", sentence: "", working: null, timer: 0 });
  }

  get marks() {
    return this.batches.flatMap((batch) => batch.marks);
  }

  get size() {
    return this.marks.length;
  }

  // The last mark of a child that is not confirmed yet.
  wanted(child) {
    return this.marks.findLast((mark) => mark.child === child);
  }

  // Take up what is left of before; it goes out ahead of what is marked meanwhile.
  load() {
    this.loading = this.takeUp();
    return this.loading;
  }

  async takeUp() {
    const own = (batch) => this.batches.some((one) => one.number === batch.number);
    const before = await roll.store.takeOver(this.page.user, this.page.session, roll.device.fresh, own).catch(() => []);
    this.batches.unshift(...before);
    this.on.changed();
    if (this.size || this.page.beganAt) this.send();
  }

  // seen: what the server is known to say. A mark on top of another that is not confirmed builds on that one.
  async add(marks) {
    let open = this.batches.at(-1);
    if (!open || open.frozen) {
      open = this.fresh();
      this.batches.push(open);
    }
    for (const mark of marks) this.put(open, mark);
    this.on.changed();
    if (!(await roll.store.save(open).catch(() => true))) await this.begunElsewhere(open, marks);
    this.send();
  }

  fresh() {
    const { user, session, day } = this.page;
    return { number: roll.device.fresh(), user, session, day, made: Date.now(), frozen: false, saved: false, marks: [] };
  }

  put(open, mark) {
    const before = this.wanted(mark.child);
    if (before && open.marks.includes(before) && before.how !== "joins") {
      Object.assign(before, mark, { seen: before.seen });
      return;
    }
    open.marks.push({ ...mark, seen: before ? before.state : mark.seen });
  }

  async begunElsewhere(open, marks) {
    const again = { ...this.fresh(), marks: open.marks.filter((mark) => marks.some((one) => one.child === mark.child)) };
    this.batches.splice(this.batches.indexOf(open), 1, again);
    await roll.store.save(again);
  }

  send() {
    clearTimeout(this.timer);
    this.working ??= this.run().finally(() => {
      this.working = null;
    });
    return this.working;
  }

  async run() {
    await this.loading;
    try {
      await this.begin();
      while (this.batches.length) await this.sendFirst();
      this.settle("");
      await this.on.drained();
    } catch (problem) {
      if (!(problem instanceof roll.Trouble)) throw problem;
      if (problem.kind === "stranger") return this.on.stranger();
      this.sentence = problem.sentence;
      this.settle(problem.kind);
      if (problem.kind !== "refused") this.timer = setTimeout(() => this.send(), 3000);
    }
  }

  settle(trouble) {
    this.trouble = trouble;
    this.on.changed();
  }

  async begin() {
    if (!this.page.beganAt) return;
    const [status, answer] = await this.post(this.urls.begin, { device_at: this.page.beganAt });
    if (status !== 200) throw new roll.Trouble("refused", answer.sentence);
    delete this.page.beganAt;
    this.page.begun = true;
    await roll.store.keep(this.page);
  }

  async sendFirst() {
    const batch = this.batches[0];
    if (!batch.frozen) {
      batch.frozen = true;
      if (!(await roll.store.save(batch).catch(() => true))) {
        this.batches.shift(); // another window has sent it
        return;
      }
    }
    const [status, answer] = await this.post(this.urls.send, { number: batch.number, marks: JSON.stringify(batch.marks) });
    if (status !== 200) throw new roll.Trouble("refused", answer.sentence);
    await roll.store.drop(batch.number).catch(() => {});
    this.batches.shift();
    this.trouble = "";
    this.on.answered(answer.answers);
    this.on.changed();
    if (answer.closed) this.on.closed();
  }

  // Post and return [status, answer], or throw what stands in the way: offline, server, login, stranger, refused.
  async post(url, values) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
    const own = { user: this.page.user, device: roll.device.id, device_now: new Date().toISOString() };
    return roll.ask(url, {
      method: "POST",
      body: new URLSearchParams({ ...own, ...values }),
      headers: { Accept: "application/json", "X-CSRFToken": token },
    });
  }
};

roll.Trouble = class extends Error {
  constructor(kind, sentence = "") {
    super(kind);
    Object.assign(this, { kind, sentence });
  }
};

roll.ask = async (url, options = {}) => {
  let answer;
  try {
    answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store", ...options });
  } catch {
    throw new roll.Trouble("offline");
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) throw new roll.Trouble("login");
  if (answer.status >= 500) throw new roll.Trouble("server");
  if (answer.status === 404) throw new roll.Trouble("refused", "这一场现在不由您负责，记录没有送出。请告诉年级组长。");
  if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new roll.Trouble("server");
  let values;
  try {
    values = await answer.json();
  } catch {
    throw new roll.Trouble("offline"); // cut off in the middle
  }
  if (values.code === "other_user") throw new roll.Trouble("stranger");
  return [answer.status, values];
};
