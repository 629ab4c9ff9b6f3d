// A signature drawn by finger. The hidden field gets strokes as enrollment/signing.py reads them: a list of lists of
// [x, y] in whole units of a sheet of 1000 × 400. What was drawn survives an error elsewhere on the form.
(() => {
  "use strict";
  const WIDTH = 1000, HEIGHT = 400, MOST_POINTS = 4000, MOST_STROKES = 200, APART = 4;
  for (const root of document.querySelectorAll("[data-signature]")) {
    const canvas = root.querySelector("canvas");
    const pen = canvas.getContext("2d");
    if (!pen || !window.PointerEvent) continue;
    const field = root.querySelector("input[name=strokes]");
    const drawing = root.querySelector("[data-drawing]");
    const words = root.querySelector("[data-on-paper]");
    const undo = root.querySelector("[data-undo]");
    const clear = root.querySelector("[data-clear]");
    const hint = root.querySelector("[data-hint]");
    const ways = [...root.querySelectorAll("input[name=sign_by]")];
    let strokes = [], open = null, points = 0;

    const read = () => {
      try { strokes = JSON.parse(field.value || "[]"); } catch { strokes = []; }
      if (!Array.isArray(strokes)) strokes = [];
      points = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
    };
    const draw = () => {
      const box = canvas.getBoundingClientRect();
      if (!box.width) return;
      const scale = window.devicePixelRatio || 1;
      canvas.width = Math.round(box.width * scale);
      canvas.height = Math.round(box.height * scale);
      pen.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
      pen.lineWidth = 9;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = getComputedStyle(canvas).color;
      for (const stroke of strokes) {
        pen.beginPath();
        pen.moveTo(...stroke[0]);
        for (const point of stroke) pen.lineTo(...point);
        if (stroke.length === 1) pen.lineTo(stroke[0][0] + 1, stroke[0][1]);
        pen.stroke();
      }
      undo.disabled = clear.disabled = !strokes.length;
      hint.textContent = strokes.length ? "已写，可以擦掉重写。" : "请在方框里用手指写下姓名。";
    };
    const keep = () => {
      field.value = strokes.length ? JSON.stringify(strokes) : "";
      draw();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const show = () => {
      const paper = ways.some((way) => way.checked && way.value === "paper");
      drawing.hidden = paper;
      words.hidden = !paper;
      if (!paper) draw();
    };
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      const within = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
      return [within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH), within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
    };
    const add = (event) => {
      if (points >= MOST_POINTS) return;
      const point = place(event), last = open[open.length - 1];
      if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < APART) return;
      open.push(point);
      points += 1;
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button || strokes.length >= MOST_STROKES || points >= MOST_POINTS) return;
      canvas.setPointerCapture(event.pointerId);
      open = [];
      strokes.push(open);
      add(event);
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!open || !event.isPrimary) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) add(one);
      draw();
    });
    for (const name of ["pointerup", "pointercancel"])
      canvas.addEventListener(name, () => {
        if (!open) return;
        open = null;
        keep();
      });
    undo.addEventListener("click", () => { points -= strokes.pop().length; keep(); });
    clear.addEventListener("click", () => { strokes = []; points = 0; keep(); });
    for (const way of ways) way.addEventListener("change", show);
    field.addEventListener("restored", () => { read(); show(); });
    new ResizeObserver(draw).observe(canvas);
    root.dataset.ready = "";
    if (root.closest("form").hasAttribute("data-fresh")) ways.find((way) => way.value === "drawn").checked = true;
    read();
    show();
  }
})();
