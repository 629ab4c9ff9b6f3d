// An editor in the place of the letter's plain box, with buttons in words. The server cleans whatever comes out of it.
// The library is taken from beside this file, so that the page needs no import map and no inline script or style.
import {
  Blockquote, Bold, BulletList, Document, Editor, HardBreak, Heading, History, HorizontalRule, Italic, Link, ListItem,
  OrderedList, Paragraph, Table, TableCell, TableHeader, TableRow, Text, Underline,
} from "../django_prose_editor/editor.js";

const DOES = {
  p: (e) => e.setParagraph(),
  h2: (e) => e.toggleHeading({ level: 2 }),
  h3: (e) => e.toggleHeading({ level: 3 }),
  bold: (e) => e.toggleBold(),
  underline: (e) => e.toggleUnderline(),
  ul: (e) => e.toggleBulletList(),
  ol: (e) => e.toggleOrderedList(),
  table: (e) => e.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  row: (e) => e.addRowAfter(),
  column: (e) => e.addColumnAfter(),
  "no-row": (e) => e.deleteRow(),
  "no-column": (e) => e.deleteColumn(),
  "no-table": (e) => e.deleteTable(),
  undo: (e) => e.undo(),
  redo: (e) => e.redo(),
};
const ON = {
  h2: (e) => e.isActive("heading", { level: 2 }), h3: (e) => e.isActive("heading", { level: 3 }),
  bold: (e) => e.isActive("bold"), underline: (e) => e.isActive("underline"),
  ul: (e) => e.isActive("bulletList"), ol: (e) => e.isActive("orderedList"),
};

// What comes from Word: titles one size too big for a letter, and lists that are paragraphs with a dot or a number typed before.
function fromWord(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const as = (old, tag) => {
    const made = page.createElement(tag);
    made.append(...old.childNodes);
    old.replaceWith(made);
    return made;
  };
  page.querySelectorAll("h1").forEach((title) => as(title, "h2"));
  page.querySelectorAll("h5, h6").forEach((title) => as(title, "h4"));
  let last = null;
  for (const line of page.querySelectorAll("p[style*='mso-list:l']")) {
    const words = [...line.childNodes];
    const from = words.findIndex((one) => one.nodeType === Node.COMMENT_NODE && one.data.includes("supportLists"));
    const to = words.findIndex((one) => one.nodeType === Node.COMMENT_NODE && one.data.includes("endif"));
    const mark = from < 0 || to < from ? [...line.querySelectorAll("span[style*='mso-list:Ignore']")] : words.slice(from, to + 1);
    const typed = mark.filter((one) => one.nodeType !== Node.COMMENT_NODE).map((one) => one.textContent).join("");
    const kind = /[0-9a-z一二三四五六七八九十]\s*[.．、)）]/i.test(typed) ? "ol" : "ul";
    mark.forEach((one) => one.remove());
    const before = line.previousElementSibling;
    const list = last && before === last && last.localName === kind ? last : page.createElement(kind);
    if (list !== last) line.before(list);
    list.append(as(line, "li"));
    last = list;
  }
  return page.body.innerHTML;
}

function start(box) {
  const bar = document.querySelector("[data-letter-bar]");
  const place = document.querySelector("[data-letter-place]");
  const editor = new Editor({
    element: place,
    injectCSS: false,
    content: box.value,
    extensions: [
      Document, Paragraph, Text, HardBreak, History, Bold, Italic, Underline, Heading.configure({ levels: [2, 3, 4] }),
      BulletList, OrderedList, ListItem, Blockquote, HorizontalRule, Link.configure({ openOnClick: false }),
      Table, TableRow, TableHeader, TableCell,
    ],
    editorProps: {
      attributes: { role: "textbox", "aria-multiline": "true", "aria-label": "正文", class: "letter-text" },
      transformPastedHTML: fromWord,
    },
    onUpdate: ({ editor: now }) => { box.value = now.getHTML(); },
  });
  const show = () => {
    for (const [name, on] of Object.entries(ON)) bar.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", on(editor));
    bar.querySelector("[data-in-table]").hidden = !editor.isActive("table");
  };
  editor.on("transaction", show);
  bar.addEventListener("click", (event) => {
    const act = event.target.closest("[data-do]")?.dataset.do;
    if (act === "table" && editor.isActive("table")) return; // No table within a table: paper has no room for it.
    if (DOES[act]) DOES[act](editor.chain().focus()).run();
    if (act === "link") {
      const address = bar.querySelector("[data-address]").value.trim();
      const chain = editor.chain().focus().extendMarkRange("link");
      (address ? chain.setMark("link", { href: /^[a-z]+:/i.test(address) ? address : `https://${address}` }) : chain.unsetMark("link")).run();
    }
  });
  const picker = bar.querySelector("[data-placeholder]");
  bar.querySelector("[data-do-placeholder]").addEventListener("click", () => {
    if (picker.value) editor.chain().focus().insertContent(`【${picker.value}】`).run();
  });
  bar.hidden = place.hidden = false;
  box.hidden = true;
  show();
}

document.querySelectorAll("textarea[data-letter]").forEach(start);
