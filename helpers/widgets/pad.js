// A square to draw on, with the mouse, a finger or a pen; with the keyboard: arrows move the pen (Home, End,
// Page Up and Page Down diagonally), space puts it down or lifts it. Ink is drawn here at once; the strokes go to
// Python as lists of points [x, y] from 0 to 1, with two flags: `rested`, the pen has been up for a while;
// `over`, the drawing is done with, so that the next stroke begins anew.
const SIZE = 280;
const EVERY = 60;        // milliseconds between two messages while drawing
const REST = 700;        // milliseconds after which a lifted pen is at rest: a 4 takes more than one stroke
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1] };

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  canvas.className = "course-pad";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", model.get("label"));
  canvas.title = model.get("label");
  Object.assign(canvas.style, { boxSizing: "border-box", width: `${SIZE}px`, background: "white", border: "2px solid #0072B2", borderRadius: "4px",
    touchAction: "none", cursor: "crosshair", maxWidth: "100%" });
  el.append(canvas);
  const ink = canvas.getContext("2d");
  let strokes = [], drawing = false, pointer = null, pen = [0.5, 0.5], penDown = false, focused = false, sent = 0, timer = null, rest = null;

  function paint() {
    ink.clearRect(0, 0, SIZE, SIZE);
    ink.lineCap = ink.lineJoin = "round";
    ink.lineWidth = model.get("thickness") * SIZE;
    ink.strokeStyle = model.get("over") ? "#888888" : "black";
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
  function begin(point) {                            // a stroke
    clearTimeout(rest);
    if (model.get("over")) strokes = [];
    strokes.push([point]);
    model.set({ over: false, rested: false });
  }
  function settle() {                                // the pen is up: say so once it has been for a while
    clearTimeout(rest);
    if (model.get("rested")) return;
    rest = setTimeout(() => { model.set("rested", true); send(); }, REST);
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
    if (drawing || event.button !== 0) return;       // a second finger, the heel of a hand, the right button
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    pointer = event.pointerId;
    focused = false;
    begin(place(event));
    changed(false);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || event.pointerId !== pointer) return;
    strokes.at(-1).push(place(event));
    changed(false);
  });
  const lift = (event) => { if (drawing && event.pointerId === pointer) { drawing = false; changed(true); settle(); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("contextmenu", (event) => {  // a finger that rests asks for the menu, in the midst of a stroke
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (move) {
      pen = pen.map((v, i) => Math.min(1, Math.max(0, v + move[i] * 0.04)));
      if (penDown) strokes.at(-1).push([...pen]);
    } else if (event.key === " ") {
      penDown = !penDown;
      if (penDown) begin([...pen]);
    } else return;
    focused = true;
    event.preventDefault();
    event.stopPropagation();                         // JupyterLab would scroll, or run a shortcut
    changed(false);
    if (!penDown) settle();
  });
  canvas.addEventListener("focus", () => { focused = canvas.matches(":focus-visible"); paint(); });
  canvas.addEventListener("blur", () => { focused = false; if (penDown) { penDown = false; settle(); } paint(); });
  const follow = () => { if (!drawing) { strokes = structuredClone(model.get("strokes")); paint(); } };
  const clear = () => { clearTimeout(rest); strokes = []; drawing = penDown = false; paint(); };
  model.on("change:strokes", follow);
  model.on("change:over", paint);
  model.on("msg:custom", (message) => { if (message === "clear") clear(); });
  follow();
  return () => { clearTimeout(timer); clearTimeout(rest); model.off("change:strokes", follow); model.off("change:over", paint); };
}
export default { render };
