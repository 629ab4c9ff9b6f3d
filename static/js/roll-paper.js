// Typing in a paper roll: a digit sets the child at hand and goes on to the next.
"use strict";
(() => {
  const rows = [...document.querySelectorAll("#paper [role=radiogroup][data-open]")];
  if (!rows.length) return;
  document.getElementById("paper").addEventListener("keydown", (event) => {
    const digit = /^(?:Digit|Numpad)([1-4])$/.exec(event.code)?.[1];
    const row = event.target.closest("[role=radiogroup][data-open]");
    if (!digit || !row || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    row.querySelectorAll("input")[digit - 1].checked = true;
    const next = rows[rows.indexOf(row) + 1];
    (next?.querySelector("input:checked") || next?.querySelector("input") || document.querySelector("[name=rest]")).focus();
  });
})();
