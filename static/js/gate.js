// The button says what will happen: to whom the child goes, or how many children are ticked.
(() => {
  "use strict";
  const release = document.querySelector("[data-release]");
  if (release) {
    const say = () => {
      const chosen = document.querySelector("input[name=by]:checked");
      if (chosen) release.textContent = chosen.dataset.word;
    };
    document.addEventListener("change", say);
    say();
  }
  const many = document.querySelector("[data-release-many]");
  if (many) {
    const say = () => {
      const number = document.querySelectorAll("input[name=child]:checked").length;
      many.textContent = number ? `交给各自家长 ${number} 人` : "勾选有人来接的孩子";
    };
    document.addEventListener("change", say);
    say();
  }
})();
