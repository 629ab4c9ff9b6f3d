/* The sum of a rubric's points as one types: it must be 100 before a version can be put in use. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-rubric]");
  if (!form) return;
  const sum = form.querySelector("[data-sum]");
  const left = form.querySelector("[data-sum-left]");
  const addUp = () => {
    const parts = [...form.querySelectorAll("[data-part]")].map((input) => Number(input.value) || 0);
    const total = parts.reduce((all, one) => all + one, 0);
    sum.textContent = total;
    left.textContent = total === 100 ? "" : total < 100 ? `，还差 ${100 - total} 分` : `，多了 ${total - 100} 分`;
  };
  form.addEventListener("input", addUp);
  addUp();
})();
