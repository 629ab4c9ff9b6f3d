// The head teacher's list: "all" and the number on the button. Without this script both still work by hand.
for (const form of document.querySelectorAll("form[data-review]")) {
  const boxes = [...form.querySelectorAll("input[name=application]")];
  const all = form.querySelector("[data-all]");
  const count = form.querySelector("[data-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = chosen;
    if (all) {
      all.checked = chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    show();
  });
  show();
}
