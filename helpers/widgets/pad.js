// A square to draw on, with the mouse, a finger or a pen; with the keyboard: arrows move the pen,
// space puts it down or lifts it. Ink is drawn here at once; the strokes go to Python as lists of
// points [x, y] from 0 to 1.
const SIZE = 280;
const EVERY = 60;        // milliseconds between two messages while drawing

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  canvas.className = "course-pad";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", model.get("label"));
  canvas.title = model.get("label");
  Object.assign(canvas.style, { background: "white", border: "2px solid #0072B2", borderRadius: "4px",
    touchAction: "none", cursor: "crosshair", maxWidth: "100%" });
  el.append(canvas);
  const ink = canvas.getContext("2d");
  let strokes = [], drawing = false, pen = [0.5, 0.5], penDown = false, focused = false, sent = 0, timer = null;

  function paint() {
    ink.clearRect(0, 0, SIZE, SIZE);
    ink.lineCap = ink.lineJoin = "round";
    ink.lineWidth = model.get("thickness") * SIZE;
    ink.strokeStyle = "black";
    for (const stroke of strokes) {
      ink.beginPath();
      stroke.forEach(([x, y], i) => (i ? ink.lineTo(x * SIZE, y * SIZE) : ink.moveTo(x * SIZE, y * SIZE)));
      if (stroke.length === 1) ink.lineTo(stroke[0][0] * SIZE, stroke[0][1] * SIZE);
      ink.stroke();
    }
    if (focused) {                                   // where the keyboard's pen is
      ink.beginPath();
      ink.lineWidth = 2;
      ink.strokeStyle = penDown ? "#D55E00" : "#0072B2";
      ink.arc(pen[0] * SIZE, pen[1] * SIZE, 7, 0, 7);
      ink.stroke();
    }
  }
  function send() {
    clearTimeout(timer);
    timer = null;
    sent = performance.now();
    model.set("strokes", strokes.map((stroke) => stroke.map((p) => [...p])));
    model.save_changes();
  }
  function changed(now) {
    paint();
    if (now || performance.now() - sent > EVERY) send();
    else if (!timer) timer = setTimeout(send, EVERY);
  }
  function place(event) {
    const box = canvas.getBoundingClientRect();
    const part = (v) => Math.min(1, Math.max(0, v));
    return [part((event.clientX - box.left) / box.width), part((event.clientY - box.top) / box.height)];
  }
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    focused = false;
    strokes.push([place(event)]);
    changed(false);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    strokes.at(-1).push(place(event));
    changed(false);
  });
  const lift = () => { if (drawing) { drawing = false; changed(true); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move) {
      pen = pen.map((v, i) => Math.min(1, Math.max(0, v + move[i] * 0.04)));
      if (penDown) strokes.at(-1).push([...pen]);
    } else if (event.key === " ") {
      penDown = !penDown;
      if (penDown) strokes.push([[...pen]]);
    } else return;
    focused = true;
    event.preventDefault();
    event.stopPropagation();                         // JupyterLab would scroll, or run a shortcut
    changed(false);
  });
  canvas.addEventListener("focus", () => { focused = canvas.matches(":focus-visible"); paint(); });
  canvas.addEventListener("blur", () => { focused = penDown = false; paint(); });
  const follow = () => { if (!drawing) { strokes = structuredClone(model.get("strokes")); paint(); } };
  const clear = () => { strokes = []; penDown = false; paint(); };
  model.on("change:strokes", follow);
  model.on("msg:custom", (message) => { if (message === "clear") clear(); });
  follow();
  return () => { clearTimeout(timer); model.off("change:strokes", follow); };
}
export default { render };
