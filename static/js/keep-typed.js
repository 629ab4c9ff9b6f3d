// What is typed in a form of texts stays in this tab until the server has it: a lost login or a lost network takes nothing away.
// A text comes back only where the server still holds what it held when it was typed.
(() => {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const key = `typed-${form.dataset.keep}`;
  const store = (act) => { try { return act(window.sessionStorage); } catch { return null; } };
  const fields = () => [...form.querySelectorAll("textarea, input.form-control")];
  const base = (one) => document.getElementById(`was-${one.id.replace(/^l/, "")}`)?.value ?? one.defaultValue;
  const plain = (text) => text.replace(/\r\n?/g, "\n").trim();
  const keep = () => {
    const open = fields().filter((one) => plain(one.value) !== plain(base(one))).map((one) => [one.name, base(one), one.value]);
    store((kept) => (open.length ? kept.setItem(key, JSON.stringify(open)) : kept.removeItem(key)));
  };
  const held = store((kept) => JSON.parse(kept.getItem(key) || "[]")) ?? [];
  let back = false;
  for (const [name, was, typed] of held) {
    const one = form.elements.namedItem(name);
    if (!one || plain(base(one)) !== plain(was) || plain(one.value) !== plain(was)) continue;
    one.value = typed;
    back = true;
  }
  form.addEventListener("input", keep);
  form.addEventListener("submit", keep);

  // 同上: the text of the nearest earlier line of the same title, without a new page
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button.same");
    if (!button) return;
    const own = button.parentElement.querySelector("textarea");
    const lines = [...form.querySelectorAll("textarea[data-same]")];
    const day = own.closest(".plan-day");
    const above = lines.slice(0, lines.indexOf(own))
      .filter((one) => one.dataset.same === own.dataset.same && one.closest(".plan-day") !== day && plain(one.value)).pop();
    if (!above) return;
    event.preventDefault();
    own.value = above.value;
    own.focus();
    own.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // "Saved" comes from the server alone
  const word = document.getElementById("kept");
  if (!word) return;
  const say = (text) => { word.textContent = text; };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== word) return;
    const asked = new URL(event.detail.xhr.responseURL || location.href).pathname;
    if (asked === word.getAttribute("hx-post")) return;
    event.detail.shouldSwap = false;
    say("登录过期了，还没有保存。点“保存”重新登录，写的还在。");
  });
  document.addEventListener("htmx:afterSettle", keep);
  document.addEventListener("htmx:sendError", () => say("网络断了，还没有保存。写的还在这一页上。"));
  document.addEventListener("htmx:responseError", () => say("没有保存成功，写的还在这一页上。"));
  window.addEventListener("load", () => { if (back) form.dispatchEvent(new Event("input", { bubbles: true })); });
})();
