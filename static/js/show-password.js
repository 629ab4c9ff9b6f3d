// A button beside each password field that is being typed: shows and hides what was typed.
"use strict";
for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-secondary show-password";
  button.textContent = "显示";
  button.setAttribute("aria-label", "显示密码");
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "隐藏" : "显示";
    button.setAttribute("aria-pressed", String(shown));
  });
  const row = document.createElement("div");
  row.className = "find";
  input.replaceWith(row);
  row.append(input, button);
}
