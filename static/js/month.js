// Arrow keys walk over the days of a month's sheet; without this script Tab does.
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  const cell = event.target.closest?.("[data-month] td");
  if (!step || !cell) return;
  const cells = [...cell.closest("table").querySelectorAll("tbody td")];
  let place = cells.indexOf(cell) + step;
  while (cells[place] && !cells[place].querySelector("a")) place += step;
  if (!cells[place]) return;
  event.preventDefault();
  cells[place].querySelector("a").focus();
});
