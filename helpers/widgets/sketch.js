// A curve drawn before it is measured. By mouse, finger or pen: a stroke gives each column that it crosses its height.
// By keyboard: left and right move along the axis and draw on (with Shift by a single column), up and down raise and
// lower the curve here, Delete wipes it. Python gets the heights, from 0 to 1, null where nothing is drawn.
const KEY_STEP = 4, TALL = 0.02, PAD = { left: 58, right: 16, top: 12, bottom: 42 };

function ticks(low, high, log) {
  if (log) {
    const found = [];
    for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) found.push(10 ** power);
    return found.length > 1 ? found : [low, high];
  }
  const rough = (high - low) / 5, size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 5, 10].find((m) => m * size >= rough * 0.999), found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  return found;
}
const written = (v) => (v !== 0 && (Math.abs(v) >= 1e6 || Math.abs(v) < 1e-4) ? v.toExponential(0) : String(Number(v.toPrecision(6))));
const share = (v, { low, high, log }) => (log ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low));

function render({ model, el }) {
  const canvas = document.createElement("canvas"), n = model.get("heights").length;
  canvas.className = "course-sketch";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", model.get("label"));
  canvas.title = model.get("label");
  Object.assign(canvas.style, { display: "block", width: "min(560px, 100%)", height: "300px", touchAction: "none", cursor: "crosshair", borderRadius: "4px" });
  el.append(canvas);
  const ink = canvas.getContext("2d");
  let heights = [...model.get("heights")], drawing = false, pointer = null, last = null, at = 0, focused = false, sent = null;

  const box = () => ({ left: PAD.left, top: PAD.top, width: Math.max(40, canvas.clientWidth - PAD.left - PAD.right), height: canvas.clientHeight - PAD.top - PAD.bottom });
  const color = (name, other) => getComputedStyle(canvas).getPropertyValue(name).trim() || other;
  function line(points, style, width, dash) {
    const b = box();
    ink.save();
    ink.beginPath();
    ink.rect(b.left - 2, b.top - 2, b.width + 4, b.height + 4);
    ink.clip();
    ink.beginPath();
    ink.strokeStyle = style;
    ink.lineWidth = width;
    ink.lineJoin = ink.lineCap = "round";
    ink.setLineDash(dash);
    let down = false;
    for (const [u, v] of points) {
      if (v === null) { down = false; continue; }
      const x = b.left + u * b.width, y = b.top + (1 - v) * b.height;
      if (down) ink.lineTo(x, y); else ink.moveTo(x, y);
      down = true;
    }
    ink.stroke();
    ink.restore();
  }
  function paint() {
    if (!canvas.clientWidth) return;                 // a cell far out of view has no size
    const scale = window.devicePixelRatio || 1, b = box(), x = model.get("x"), y = model.get("y"), text = color("--jp-content-font-color1", "#222"), faint = color("--jp-border-color2", "#ddd");
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    ink.fillStyle = color("--jp-layout-color0", "white");
    ink.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    ink.font = "12px " + color("--jp-ui-font-family", "sans-serif");
    ink.lineWidth = 1;
    for (const [axis, across] of [[x, true], [y, false]]) {
      for (const value of ticks(axis.low, axis.high, axis.log)) {
        const s = share(value, axis), px = b.left + s * b.width, py = b.top + (1 - s) * b.height;
        ink.strokeStyle = faint;
        ink.beginPath();
        ink.moveTo(across ? px : b.left, across ? b.top : py);
        ink.lineTo(across ? px : b.left + b.width, across ? b.top + b.height : py);
        ink.stroke();
        ink.fillStyle = text;
        ink.textAlign = across ? "center" : "right";
        ink.textBaseline = across ? "top" : "middle";
        ink.fillText(written(value), across ? px : b.left - 6, across ? b.top + b.height + 5 : py);
      }
    }
    ink.strokeStyle = text;
    ink.strokeRect(b.left, b.top, b.width, b.height);
    ink.textAlign = "center";
    ink.textBaseline = "bottom";
    ink.fillText(x.label, b.left + b.width / 2, canvas.clientHeight - 3);
    ink.save();
    ink.translate(11, b.top + b.height / 2);
    ink.rotate(-Math.PI / 2);
    ink.textBaseline = "middle";
    ink.fillText(y.label, 0, 0);
    ink.restore();
    if (heights.every((h) => h === null) && !model.get("measured").length) {
      ink.globalAlpha = 0.6;
      ink.fillText("draw your curve here", b.left + b.width / 2, b.top + b.height / 2);
      ink.globalAlpha = 1;
    }
    line(heights.map((h, i) => [i / (n - 1), h]), "#E69F00", 4, []);
    line(model.get("measured"), "#0072B2", 2.5, [7, 4]);
    if (focused) {
      ink.beginPath();
      ink.strokeStyle = text;
      ink.lineWidth = 2;
      ink.arc(b.left + (at / (n - 1)) * b.width, b.top + (1 - (heights[at] ?? 0.5)) * b.height, 7, 0, 7);
      ink.stroke();
    }
  }
  function stroke([i, h], [j, k]) {                    // from column i at height h to column j at height k
    for (let c = Math.min(i, j); c <= Math.max(i, j); c++) heights[c] = i === j ? k : h + ((k - h) * (c - i)) / (j - i);
  }
  function send() {
    const text = JSON.stringify(heights);
    if (text === sent) return;
    sent = text;
    model.set("heights", [...heights]);
    model.save_changes();
  }
  function place(event) {
    const b = box(), edge = canvas.getBoundingClientRect(), part = (v) => Math.min(1, Math.max(0, v));
    return [Math.round(part((event.clientX - edge.left - b.left) / b.width) * (n - 1)), part(1 - (event.clientY - edge.top - b.top) / b.height)];
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (drawing || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    pointer = event.pointerId;
    last = place(event);
    stroke(last, last);
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || event.pointerId !== pointer) return;
    const next = place(event);
    stroke(last, next);
    last = next;
    paint();
  });
  const lift = (event) => { if (drawing && event.pointerId === pointer) { drawing = false; send(); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("contextmenu", (event) => { event.preventDefault(); event.stopPropagation(); });
  let rest = null;
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key], rise = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (way) {
      const next = Math.min(n - 1, Math.max(0, at + way * (event.shiftKey ? 1 : KEY_STEP)));
      if (heights[at] !== null && heights[next] === null) stroke([at, heights[at]], [next, heights[at]]);
      at = next;
    } else if (rise) {
      const here = Math.min(1, Math.max(0, (heights[at] ?? 0.5) + (heights[at] === null ? 0 : rise * TALL * (event.shiftKey ? 1 : 2))));
      for (const side of [Math.max(0, at - KEY_STEP), Math.min(n - 1, at + KEY_STEP)])
        if (heights[side] !== null) stroke([side, heights[side]], [at, here]);
      heights[at] = here;
    } else if (event.key === "Delete" || event.key === "Backspace") heights = heights.map(() => null);
    else return;
    event.preventDefault();
    event.stopPropagation();                         // JupyterLab would delete the cell, or select another
    focused = true;
    paint();
    clearTimeout(rest);
    rest = setTimeout(send, 300);
  });
  canvas.addEventListener("focus", () => { focused = canvas.matches(":focus-visible"); paint(); });
  canvas.addEventListener("blur", () => { focused = false; clearTimeout(rest); send(); paint(); });
  const follow = () => { if (!drawing) { heights = [...model.get("heights")]; sent = JSON.stringify(heights); paint(); } };
  model.on("change:heights", follow);
  model.on("change:measured", paint);
  const size = new ResizeObserver(paint), sight = new IntersectionObserver(paint), theme = new MutationObserver(paint);
  size.observe(canvas);
  sight.observe(canvas);
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  follow();
  return () => { clearTimeout(rest); size.disconnect(); sight.disconnect(); theme.disconnect(); model.off("change:heights", follow); model.off("change:measured", paint); };
}
export default { render };
