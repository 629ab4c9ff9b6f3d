// Tiles of the roll call: what the server drew, read; and the same drawn here, for a child taken in or a page shown without
// the network.
"use strict";
roll.TONES = { not_called: "wait", present: "present", late: "late", leave: "leave", absent: "missing" };
roll.WORDS = { not_called: "未点名", present: "到", late: "迟到", leave: "请假", absent: "未到" };

roll.readTile = (tile) => ({
  child: tile.dataset.child,
  label: tile.getAttribute("aria-label") || "",
  number: tile.querySelector("i").textContent,
  name: tile.querySelector("b").textContent,
  spelling: tile.dataset.p || "",
  note: tile.querySelector(".note")?.textContent || "",
  state: tile.querySelector("input[type=hidden]")?.value || "not_called",
  apart: tile.dataset.apart || "",
});

roll.drawTile = (row) => {
  const shape = document.createElement("template");
  shape.innerHTML = document.getElementById("tile").innerHTML.replaceAll("CHILD", row.child);
  const item = shape.content.firstElementChild;
  const tile = item.querySelector(".tile");
  tile.setAttribute("aria-label", row.label);
  tile.dataset.p = row.spelling;
  tile.querySelector("i").textContent = row.number;
  const name = tile.querySelector("b");
  name.classList.toggle("long", row.name.length >= 5);
  row.name.split("·").forEach((part, place) => name.append(...(place ? ["·", document.createElement("wbr"), part] : [part])));
  roll.noteTile(tile, row.note);
  if (row.apart) tile.dataset.apart = row.apart;
  tile.querySelector("input[type=hidden]").value = row.state;
  return item;
};

roll.noteTile = (tile, words) => {
  let note = tile.querySelector(".note");
  if (!words) return note?.remove();
  if (!note) {
    note = document.createElement("span");
    note.className = "note";
    tile.querySelector(".who").append(note);
  }
  note.textContent = words;
};

// A child whom nobody called, and who is with somebody else ("elsewhere") or looked for ("sought"): where, in words.
roll.setApart = (tile, kind, words) => {
  if (kind) roll.noteTile(tile, words);
  else if (tile.dataset.apart) roll.noteTile(tile, "");
  if (kind) tile.dataset.apart = kind;
  else delete tile.dataset.apart;
};

// How a tile with this state looks; `waits`: not confirmed by the server yet.
roll.paintTile = (tile, state, waits) => {
  const elsewhere = state === "not_called" && tile.dataset.apart === "elsewhere";
  const word = tile.querySelector(".state");
  tile.dataset.s = word.dataset.s = elsewhere ? "moved" : roll.TONES[state];
  word.textContent = elsewhere ? "别处" : roll.WORDS[state];
  word.classList.toggle("wait", waits);
  for (const radio of tile.querySelectorAll("input[type=radio]")) radio.checked = radio.value === state;
};
