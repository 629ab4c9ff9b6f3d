/* Totals as one types, steps, and the buttons that give full points: a person presses them, nothing fills itself in. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-scores]");
  if (!form) return;
  const points = (box) => [...box.querySelectorAll("[data-points]")];
  const valid = (input) => input.value !== "" && input.checkValidity();
  const perPage = form.hasAttribute("data-page");
  const boxes = perPage ? [...form.querySelectorAll("[data-row]")] : [form];

  const addUp = () => {
    let full = 0;
    let blank = 0;
    for (const box of boxes) {
      const inputs = points(box);
      const given = inputs.filter(valid);
      const total = box.querySelector("[data-total]");
      total.textContent = given.length ? given.reduce((sum, input) => sum + Number(input.value), 0) : "—";
      const left = box.querySelector("[data-left]");
      if (left) left.textContent = given.length < inputs.length ? `，还有 ${inputs.length - given.length} 项没打` : "";
      if (given.length === inputs.length) full += 1;
      if (inputs.every((input) => input.value === "")) blank += 1;
    }
    if (!perPage) return;
    const word = form.querySelector("[data-page-full]");
    const rest = form.querySelector("[data-page-left]");
    if (word) word.textContent = ` ${full} 人`;
    if (rest) rest.textContent = blank ? `还有 ${blank} 人没打分` : "";
  };

  const set = (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  form.querySelectorAll("[data-step], [data-full], [data-full-all], [data-phrases]").forEach((part) => { part.hidden = false; });
  let spoken = null;
  form.addEventListener("input", addUp);
  form.addEventListener("focusin", (event) => { if (event.target.matches("[data-comment]")) spoken = event.target; });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const item = button.closest(".score-item");
    if (button.dataset.step) {
      const input = item.querySelector("[data-points]");
      const from = input.value === "" ? (button.dataset.step === "1" ? -1 : Number(input.max) + 1) : Number(input.value);
      set(input, Math.min(Number(input.max), Math.max(0, from + Number(button.dataset.step))));
    } else if (button.hasAttribute("data-full")) {
      const input = item.querySelector("[data-points]");
      set(input, input.max);
    } else if (button.hasAttribute("data-full-all")) {
      points(form).filter((input) => input.value === "").forEach((input) => set(input, input.max));
    } else if (button.hasAttribute("data-fill")) {
      event.preventDefault();
      for (const box of boxes) {
        const inputs = points(box);
        if (inputs.every((input) => input.value === "")) inputs.forEach((input) => { input.value = input.max; });
      }
      addUp();
    } else if (button.closest("[data-phrases]")) {
      const target = spoken || form.querySelector("[data-comment]");
      if (target && !target.value.includes(button.textContent)) set(target, (target.value + button.textContent).slice(0, target.maxLength));
      if (target) target.focus();
    }
  });
  addUp();
})();
