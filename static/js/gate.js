// The buttons say what will happen: how many children go, and a tap on who was chosen takes the choice back.
(() => {
  "use strict";
  const one = document.querySelector("[data-one]");
  if (one) {
    const buttons = [...one.querySelectorAll("[data-release]")];
    const words = buttons.map((button) => button.textContent);
    one.addEventListener("change", () => {
      const also = one.querySelectorAll("input[name=also]:checked").length;
      buttons.forEach((button, n) => {
        button.textContent = also && button.value !== "alone" ? `${words[n]}，${also + 1} 个孩子` : words[n];
      });
    });
  }
  const line = document.querySelector("[data-line]");
  const many = line?.querySelector("[data-release-many]");
  if (many) {
    const say = () => {
      const number = line.querySelectorAll("input[type=radio]:checked").length;
      many.textContent = number ? `放行 ${number} 人` : "先点来接的人";
    };
    let held = null; // the choice that stood when the finger came down
    line.addEventListener("pointerdown", (event) => {
      held = event.target instanceof HTMLInputElement && event.target.checked ? event.target : null;
    });
    line.addEventListener("click", (event) => {
      if (event.target === held && event.target.type === "radio") {
        event.target.checked = false;
        say();
      }
      held = null;
    });
    line.addEventListener("change", say);
    line.addEventListener("reset", () => setTimeout(say));
    say();
  }
})();
