// The form of an application: two screens, a summary before the signature, and what was typed kept in this tab until it is
// handed in, so that a lost login or a reload takes nothing away. Without this script all stands on one page.
(() => {
  "use strict";
  const SENT = "apply-sent", LONGEST = 2 * 60 * 60 * 1000;
  const form = document.querySelector("form[data-apply]");
  const store = (act) => { try { return act(window.sessionStorage); } catch { return null; } };
  if (!form) {  // the page after: what was handed in need not be kept
    store((kept) => { if (kept.getItem(SENT)) { kept.removeItem(kept.getItem(SENT)); kept.removeItem(SENT); } });
    return;
  }
  const key = `apply-${location.pathname}-${form.dataset.apply}`;
  const fields = () => [...form.elements].filter((one) => one.name && one.name !== "csrfmiddlewaretoken" && one.type !== "submit");
  const boxed = (one) => one.type === "checkbox" || one.type === "radio";

  // Kept in this tab
  const keep = () => {
    const values = fields().filter((one) => !boxed(one) || one.checked).map((one) => [one.name, one.value]);
    store((kept) => kept.setItem(key, JSON.stringify({ at: Date.now(), values })));
  };
  const restore = () => {
    const held = store((kept) => JSON.parse(kept.getItem(key) || "null"));
    if (!held || Date.now() - held.at > LONGEST) return;
    for (const one of fields()) {
      const values = held.values.filter(([name]) => name === one.name).map(([, value]) => value);
      if (boxed(one)) one.checked = values.includes(one.value);
      else if (values.length && one.type !== "hidden") one.value = values[0];
      else if (values.length && one.name === "strokes") { one.value = values[0]; one.dispatchEvent(new Event("restored")); }
    }
    for (const more of form.querySelectorAll("details.person-more"))
      if ([...more.querySelectorAll("input, select")].some((one) => one.value)) more.open = true;
  };
  if (form.hasAttribute("data-fresh")) restore();
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  let sent = false;  // a second tap sends nothing; who comes back to the page may send again
  window.addEventListener("pageshow", () => { sent = false; });
  form.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    keep();
    store((kept) => kept.setItem(SENT, key));
  });

  // A summary before the signature
  const summary = form.querySelector("[data-summary]");
  const line = (word, text) => {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = word;
    dd.textContent = text;
    summary.append(dt, dd);
  };
  const sum = () => {
    summary.replaceChildren();
    for (const child of form.querySelectorAll("[data-child]")) {
      const joins = child.querySelector("input[name$=join]");
      const days = [...child.querySelectorAll(".days input:checked")].map((one) => one.dataset.word);
      line(child.dataset.child, joins && !joins.checked ? "不申请" : days.join("、") || "还没有选哪几天");
    }
    const known = [...form.querySelectorAll("input[name=known]:checked")].map((one) => one.dataset.word);
    const more = [...form.querySelectorAll("input[name^=more-][name$=-name]")].map((one) => one.value.trim()).filter(Boolean);
    const alone = form.querySelector("input[name$=may_go_alone]:checked") ? ["可以自己离校"] : [];
    line("谁来接", [...known, ...more, ...alone].join("、") || "还没有选");
  };

  // Nobody is led to sign what would come back: a child that joins without a day holds the first screen
  const dayless = () => {
    let first = null;
    for (const child of form.querySelectorAll("[data-child]")) {
      const joins = child.querySelector("input[name$=join]"), days = child.querySelector(".days");
      const field = days?.closest("fieldset");
      if (!field) continue;
      const lacks = !(joins && !joins.checked) && !days.querySelector("input:checked");
      field.classList.toggle("bad", lacks);
      field.querySelectorAll(".error").forEach((one) => one.remove());
      if (!lacks) continue;
      const error = document.createElement("p");
      error.className = "error";
      error.setAttribute("role", "alert");
      error.textContent = "请至少选一天。";
      field.append(error);
      first ??= days;
    }
    return first;
  };
  form.querySelector("a[href='#part-2']")?.addEventListener("click", (event) => {
    const days = dayless();
    if (!days) return;
    event.preventDefault();
    days.querySelector("input").focus({ preventScroll: true });
    days.scrollIntoView({ block: "center" });
  });

  form.addEventListener("change", (event) => { if (event.target.closest(".days")?.closest(".bad")) dayless(); });

  // Two screens; links to a field open the screen that it stands on
  const screens = [...form.querySelectorAll(".screen")];
  const show = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id ? document.getElementById(id) : null;
    const screen = target?.closest(".screen") ?? (id ? null : screens[0]);
    if (!screen) return;
    form.dataset.at = screen.dataset.screen;
    if (form.dataset.at === "2") sum();
    if (!target) return;
    target.closest("details")?.setAttribute("open", "");
    if (target === screen) {
      screen.querySelector("h2").focus({ preventScroll: true });
      window.scrollTo(0, 0);
    } else {
      const control = target.matches("input, select, textarea") ? target : target.querySelector("input:not([type=hidden]), select, textarea");
      (control ?? target).focus({ preventScroll: true });
      target.scrollIntoView({ block: "center" });
    }
  };
  const dim = () => {
    for (const child of form.querySelectorAll("[data-child]")) {
      const joins = child.querySelector("input[name$=join]");
      if (joins) child.classList.toggle("out", !joins.checked);
    }
  };
  window.addEventListener("hashchange", show);
  form.addEventListener("change", dim);
  dim();
  form.dataset.at = "1";
  const wrong = document.querySelector(".say[role=alert] a[href^='#']");
  const first = wrong && document.getElementById(wrong.hash.slice(1))?.closest(".screen");
  if (first) form.dataset.at = first.dataset.screen;
  if (location.hash && !wrong) show();
  if (form.dataset.at === "2") sum();
  document.querySelector(".say[role=alert]")?.focus({ preventScroll: true });

  // What was typed before the scripts were there, or was restored, is kept as well
  const touched = (one) => (boxed(one) ? one.checked !== one.defaultChecked : one.tagName !== "SELECT" && one.value !== one.defaultValue);
  window.addEventListener("load", () => {
    if (fields().some((one) => one.type !== "hidden" && one.name !== "sign_by" && touched(one))) form.dispatchEvent(new Event("input"));
  });

  // The word beside the buttons: "saved" comes from the server alone
  const word = document.getElementById("kept");
  if (!word) return;
  const say = (text) => { word.textContent = text; };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== word) return;
    const asked = new URL(event.detail.xhr.responseURL || location.href).pathname;
    if (asked === word.getAttribute("hx-post")) return;
    event.detail.shouldSwap = false;
    say("登录过期了，还没有保存。提交时重新登录，填的还在。");
  });
  document.addEventListener("htmx:sendError", () => say("网络断了，还没有保存。填的还在这一页上。"));
  document.addEventListener("htmx:responseError", () => say("没有保存成功，填的还在这一页上。"));
})();
