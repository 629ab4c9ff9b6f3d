// Ranking clubs: the list of wishes on top with up and down, kept by itself after each change.
// Without this script the numbered selects and 保存志愿 do the same; they stay the form's only data.
(() => {
  "use strict";
  const form = document.querySelector("form[data-choose]");
  const mine = form?.querySelector("[data-mine]");
  if (!mine || !form.querySelector("[data-save]")) return;
  const most = Number(form.dataset.choose);
  const list = mine.querySelector("[data-list]"), none = mine.querySelector("[data-none]"), kept = form.querySelector("[data-kept]");
  const clubs = new Map([...form.querySelectorAll("[data-club] select")].map((select) => {
    const card = select.closest("[data-club]");
    return [card.dataset.club, { select, card, name: card.dataset.name }];
  }));
  let order = [...clubs].filter(([, club]) => club.select.value)
    .sort(([, a], [, b]) => Number(a.select.value) - Number(b.select.value)).map(([pk]) => pk);

  const button = (word, label, act, disabled = false) => {
    const one = document.createElement("button");
    one.type = "button";
    one.className = "btn btn-secondary";
    one.textContent = word;
    one.setAttribute("aria-label", label);
    one.disabled = disabled;
    one.addEventListener("click", act);
    return one;
  };
  const change = (next, focus) => { order = next; draw(); focus?.(); keep(); };
  const moved = (place, by) => {
    const next = [...order];
    [next[place], next[place + by]] = [next[place + by], next[place]];
    return next;
  };
  const at = (place, which) => () => list.children[place]?.querySelectorAll("button")[which]?.focus();

  const draw = () => {
    list.replaceChildren(...order.map((pk, place) => {
      const row = document.createElement("li"), number = document.createElement("span"), name = document.createElement("span");
      const club = clubs.get(pk);
      number.className = "n";
      number.textContent = `第 ${place + 1} 志愿`;
      name.textContent = club.name;
      row.append(number, name,
        button("↑", `${club.name}往前排`, () => change(moved(place, -1), at(place - 1, place > 1 ? 0 : 1)), place === 0),
        button("↓", `${club.name}往后排`, () => change(moved(place, 1), at(place + 1, place + 2 < order.length ? 1 : 0)), place === order.length - 1),
        button("×", `不选${club.name}`, () => change(order.filter((other) => other !== pk), () => club.add.focus())));
      return row;
    }));
    none.hidden = order.length > 0;
    for (const [pk, club] of clubs) {
      const place = order.indexOf(pk);
      club.select.value = place < 0 ? "" : String(place + 1);
      club.add.hidden = place >= 0;
      club.add.disabled = order.length >= most;
      club.word.textContent = place < 0 ? (order.length >= most ? `已选满 ${most} 个` : "") : `✓ 第 ${place + 1} 志愿`;
    }
  };

  let going = null, again = false;
  const keep = async () => {
    if (going) { again = true; return; }
    kept.textContent = "正在保存…";
    kept.classList.remove("bad");
    going = fetch(location.href, { method: "POST", headers: { "X-Keep": "1" }, body: new FormData(form), credentials: "same-origin" });
    try {
      const answer = await going;
      const words = answer.redirected ? "没有保存：请重新登录。" : await answer.text();
      const refused = !answer.ok || answer.redirected;
      kept.textContent = refused && answer.status !== 409 && !answer.redirected ? "没有保存，请再试一次。" : words;
      kept.classList.toggle("bad", refused);
    } catch {
      kept.textContent = "没有网络，还没有保存。";
      kept.classList.add("bad");
    }
    going = null;
    if (again) { again = false; keep(); }
  };

  for (const [pk, club] of clubs) {
    const pick = club.select.closest(".pick");
    club.select.hidden = true;
    pick.querySelector("label").hidden = true;
    club.word = document.createElement("span");
    club.add = button("加入志愿", `加入志愿：${club.name}`, () => change([...order, pk]));
    pick.append(club.add, club.word);
  }
  form.querySelector("input[name=together]")?.addEventListener("change", keep);
  mine.hidden = false;
  draw();
})();
