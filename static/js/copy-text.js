// Copy the text of a box; where the browser forbids it, select it so that the person can.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const box = document.getElementById(button.dataset.copy);
  box.select();
  try {
    await navigator.clipboard.writeText(box.value);
    button.textContent = "已复制";
  } catch {
    button.textContent = "已选中，请按 Ctrl+C";
  }
});
