// Moving children between groups: dragging with mouse, pen or finger, "all of a class", and what the rules say of each group.
// Without this script the boxes, the list of groups and the button do the same; the server checks in any case.
(() => {
  "use strict";
  const form = document.querySelector("form[data-arrange]");
  if (!form) return;
  const MOST = 150; // children whose numbers fit into one address
  const bins = [...form.querySelectorAll("[data-group]")];
  const boxes = [...form.querySelectorAll("input[name=child]")];
  const target = form.elements.to_group;
  const reason = form.elements.reason;
  const say = form.querySelector("[data-say]");
  const count = form.querySelector("[data-count]");
  const names = new Map([...target.options].map((option) => [option.value, option.textContent]));
  let verdicts = {};
  let asked = 0;

  const chosen = () => boxes.filter((box) => box.checked);
  const partOf = (element) => [...element.closest("fieldset").querySelectorAll("input[name=child]")];

  // What the rules say

  const show = () => {
    for (const bin of bins) {
      const found = verdicts[bin.dataset.group];
      const hint = bin.querySelector("[data-hint]");
      hint.textContent = found ? found.say : "";
      hint.toggleAttribute("data-reason", Boolean(found && found.reason));
    }
    for (const option of target.options) {
      const found = verdicts[option.value];
      option.textContent = names.get(option.value) + (found && found.reason ? "（要写原因）" : "");
    }
    const found = verdicts[target.value];
    say.textContent = found ? found.say + (found.reason ? "要写明原因。" : "") : "";
    reason.required = Boolean(found && found.reason);
    if (reason.required) reason.closest(".why-field").removeAttribute("data-when-needed"); // a phone shows it only then
  };
  const ask = async (children) => {
    const turn = ++asked;
    verdicts = {};
    if (children.length && children.length <= MOST) {
      const query = children.map((box) => `child=${box.value}`).join("&");
      try {
        const answer = await fetch(`${form.dataset.arrange}?${query}`, { headers: { Accept: "application/json" } });
        if (answer.ok && turn === asked) verdicts = await answer.json();
      } catch {
        return; // the server says it when the move is sent
      }
    }
    if (turn === asked) show();
  };

  // Boxes

  const counted = () => {
    count.querySelector("strong").textContent = chosen().length;
    for (const all of form.querySelectorAll("[data-all]")) {
      const part = partOf(all);
      const number = part.filter((box) => box.checked).length;
      all.checked = number === part.length;
      all.indeterminate = number > 0 && number < part.length;
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of partOf(event.target)) box.checked = event.target.checked;
    if (event.target.matches("[data-all], [name=child]")) {
      counted();
      ask(chosen());
    }
    if (event.target === target) show();
  });

  // Dragging

  let drag = null;
  const binAt = (x, y) => document.elementFromPoint(x, y)?.closest("[data-group]") ?? null;
  const taken = (item) => {
    if (item.tagName === "LEGEND") return partOf(item);
    const own = item.querySelector("input[name=child]");
    return own.checked ? chosen() : [own];
  };
  const begin = () => {
    drag.children = taken(drag.item);
    drag.ghost = document.createElement("div");
    drag.ghost.className = "ghost";
    const first = drag.children[0].closest(".chip").querySelector(".name").textContent;
    drag.ghost.textContent = drag.children.length > 1 ? `${drag.children.length} 人` : first;
    document.body.append(drag.ghost);
    document.documentElement.classList.add("dragging");
    for (const box of drag.children) box.closest(".chip").classList.add("taken");
    ask(drag.children);
  };
  const follow = (event) => {
    drag.ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    const over = binAt(event.clientX, event.clientY);
    if (over !== drag.over) {
      drag.over?.classList.remove("over");
      over?.classList.add("over");
      drag.over = over;
    }
    const edge = 60;
    if (event.clientY < edge) scrollBy(0, -18);
    else if (event.clientY > innerHeight - edge) scrollBy(0, 18);
  };
  const end = () => {
    drag.ghost?.remove();
    drag.over?.classList.remove("over");
    for (const box of drag.children ?? []) box.closest(".chip").classList.remove("taken");
    document.documentElement.classList.remove("dragging");
    drag = null;
  };
  const drop = async ({ over, children }) => {
    if (!over || children.every((box) => over.contains(box))) return ask(chosen());
    for (const box of boxes) box.checked = children.includes(box);
    target.value = over.dataset.group;
    counted();
    await ask(children);
    const found = verdicts[target.value];
    if (found && found.reason && !reason.value.trim()) return reason.focus();
    return form.requestSubmit();
  };
  form.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-drag]");
    const byFinger = event.pointerType !== "mouse" && !event.target.closest(".grip");
    if (!item || byFinger || event.button || event.target.matches("input")) return;
    drag = { item, pointer: event.pointerId, x: event.clientX, y: event.clientY };
  });
  addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
    if (!drag.ghost) begin();
    follow(event);
  });
  addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    const done = drag.ghost ? { over: drag.over, children: drag.children } : null;
    end();
    if (!done) return;
    // the click that ends a drag must not tick a box
    addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    setTimeout(() => dispatchEvent(new Event("click", { cancelable: true })), 0);
    drop(done);
  });
  addEventListener("pointercancel", () => drag && end());
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag) {
      end();
      ask(chosen());
    }
  });

  form.classList.add("can-drag");
  for (const hidden of form.querySelectorAll(".all, [data-drag-word], [data-count]")) hidden.hidden = false;
  counted();
  if (chosen().length) ask(chosen());
})();
