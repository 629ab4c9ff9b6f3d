// Finding a child by name, pinyin or initials: on the roll by typing letters, and among those who are not on it in a box.
"use strict";
roll.letter = (event) => {
  // A Chinese input method swallows the letter itself ("Process"); which key it was stands in the code all the same.
  const found = /^Key([A-Z])$/.exec(event.code || "");
  return found ? found[1].toLowerCase() : "";
};

roll.spelled = (spelling, letters) => spelling.split(" ").some((word) => word.startsWith(letters));

// Letters typed in quick order name a child; after a pause, or when nobody is called so, they begin anew.
roll.Finder = class {
  constructor(pause = 1200) {
    Object.assign(this, { pause, letters: "", at: 0 });
  }

  // Return the first of `tiles` whose child is spelled so.
  type(letter, tiles) {
    const fresh = Date.now() - this.at > this.pause;
    this.at = Date.now();
    const called = (letters) => tiles.find((tile) => roll.spelled(tile.dataset.p, letters));
    const longer = fresh ? letter : this.letters + letter;
    this.letters = called(longer) ? longer : letter;
    return called(this.letters);
  }
};

roll.JoinBox = class {
  // take(child) is called with [id, name, class, spelling, number] of who was chosen
  constructor(dialog, url, take) {
    Object.assign(this, { dialog, url, take, children: null, shown: [], at: 0 });
    this.input = dialog.querySelector("input");
    this.list = dialog.querySelector("[role=listbox]");
    this.hint = dialog.querySelector(".hint");
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
    dialog.querySelector("button").addEventListener("click", () => dialog.close());
  }

  async load() {
    if (this.children) return;
    const [status, answer] = await roll.ask(this.url);
    if (status === 200) this.children = answer.children;
  }

  open(listed) {
    this.listed = listed;
    this.input.value = "";
    this.look();
    this.dialog.showModal();
    this.input.focus();
    if (!this.children) this.load().then(() => this.look(), () => this.look());
  }

  look() {
    const words = this.input.value.trim().toLowerCase().replaceAll(" ", "");
    const match = ([id, name, , spelling]) => !this.listed.has(String(id)) && (name.includes(words) || roll.spelled(spelling, words));
    this.shown = words && this.children ? this.children.filter(match).slice(0, 6) : [];
    this.at = 0;
    this.list.replaceChildren(...this.shown.map((child, place) => this.option(child, place)));
    this.point();
    if (!this.children) this.hint.textContent = "名单外的孩子还没有读到：要等网络恢复。";
    else if (words && !this.shown.length) this.hint.textContent = `没有找到“${this.input.value.trim()}”，请换一个写法。`;
    else this.hint.textContent = "上下键选，回车加入；Esc 不加。加入后马上算在班里，班主任当天决定收不收。";
  }

  option([, name, className, , number], place) {
    const row = document.createElement("li");
    row.setAttribute("role", "option");
    row.id = `join-${place}`;
    const strong = document.createElement("strong");
    strong.textContent = name;
    row.append(strong, `　${className}${number ? ` ${number} 号` : ""}`);
    return row;
  }

  point() {
    [...this.list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === this.at)));
    this.input.setAttribute("aria-expanded", String(this.shown.length > 0));
    if (this.shown.length) this.input.setAttribute("aria-activedescendant", `join-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter") this.choose(this.at);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = Math.max(0, Math.min(this.shown.length - 1, this.at + step));
      this.point();
    } else return;
    event.preventDefault();
  }

  choose(place) {
    const child = this.shown[place];
    if (!child) return;
    this.dialog.close();
    this.take(child);
  }
};
