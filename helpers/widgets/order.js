// Lines of a program to put in order. A click or a tap takes a line into the program or puts it back; a drag moves it
// (a finger drags the handle at its left, so that the page can still be scrolled). Keyboard: up and down go from line to
// line, with Shift they move the line, Enter takes it or puts it back. A gap in a line is a list to choose from.
const LOOK = `
.course-order { font-family: var(--jp-code-font-family, monospace); font-size: 13px; max-width: 760px; }
.course-order .course-zone { margin: 4px 0 8px; padding: 4px; border: 1px dashed var(--jp-border-color1, #bbb); border-radius: 4px; min-height: 36px; list-style: none; }
.course-order .course-zone-name { font-family: var(--jp-ui-font-family, sans-serif); }
.course-order li { display: flex; align-items: center; gap: 8px; margin: 3px 0; padding: 3px 8px 3px 0; border: 1px solid var(--jp-border-color2, #ddd); border-radius: 4px;
  background: var(--jp-layout-color1, white); color: var(--jp-content-font-color1, #111); cursor: grab; }
.course-order li.dragged { opacity: .6; border-color: #0072B2; }
.course-order li:focus-visible, .course-order select:focus-visible { outline: 3px solid #56B4E9; outline-offset: 1px; }
.course-order .course-grip { touch-action: none; padding: 4px 6px; color: var(--jp-content-font-color2, #666); user-select: none; }
.course-order .course-code { white-space: pre-wrap; overflow-wrap: anywhere; flex: 1 1 auto; user-select: none; }
.course-order select { font: inherit; color: inherit; background: var(--jp-layout-color2, #eee); border: 1px solid var(--jp-border-color1, #bbb); border-radius: 3px; max-width: 100%; }
`;

function render({ model, el }) {
  if (!document.getElementById("course-order-look")) {
    const style = document.createElement("style");
    style.id = "course-order-look";
    style.textContent = LOOK;
    document.head.append(style);
  }
  el.classList.add("course-order");
  const zones = ["Your program", "Lines to choose from (you may not need all)"].map((title) => {
    const name = document.createElement("div"), zone = document.createElement("ol");
    name.className = "course-zone-name";
    name.textContent = title;
    zone.className = "course-zone";
    zone.setAttribute("aria-label", title);
    el.append(name, zone);
    return zone;
  });
  const [program, rest] = zones, pool = model.get("pool"), rows = pool.map(row);

  function row({ text, options }, id) {
    const item = document.createElement("li"), grip = document.createElement("span"), code = document.createElement("span");
    item.tabIndex = 0;
    item.dataset.id = id;
    grip.className = "course-grip";
    grip.textContent = "⠿";
    grip.setAttribute("aria-hidden", "true");
    code.className = "course-code";
    const [before, ...after] = options.length ? text.split("____") : [text];
    code.append(before);
    if (options.length) {
      const gap = document.createElement("select");
      gap.setAttribute("aria-label", `gap in: ${text.trim()}`);
      for (const choice of ["____", ...options]) gap.append(new Option(choice, choice));
      gap.addEventListener("change", () => { model.set("gaps", { ...model.get("gaps"), [id]: gap.value }); model.save_changes(); });
      code.append(gap, after.join("____"));
    }
    item.append(grip, code);
    item.addEventListener("pointerdown", (event) => press(event, item, grip));
    item.addEventListener("keydown", (event) => key(event, item));
    return item;
  }
  function send() {
    model.set("order", [...program.children].map((item) => Number(item.dataset.id)));
    model.save_changes();
  }
  const toggle = (item) => { (item.parentNode === program ? rest : program).append(item); send(); };

  function press(event, item, grip) {
    if (event.button !== 0 || event.target.closest("select")) return;
    const start = [event.clientX, event.clientY], free = event.pointerType === "mouse" || event.target === grip;
    let moved = false;
    const move = (e) => {
      if (!moved && Math.hypot(e.clientX - start[0], e.clientY - start[1]) < 6) return;
      moved = true;
      if (!free) return;
      e.preventDefault();
      item.classList.add("dragged");
      const over = zones.find((zone) => { const b = zone.getBoundingClientRect(); return e.clientY >= b.top - 12 && e.clientY <= b.bottom + 12; }) ?? item.parentNode;
      const next = [...over.children].find((other) => other !== item && e.clientY < other.getBoundingClientRect().top + other.offsetHeight / 2) ?? null;
      if (item.parentNode !== over || item.nextElementSibling !== next) over.insertBefore(item, next);
    };
    const end = (e) => {
      for (const [kind, listener] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) window.removeEventListener(kind, listener);
      item.classList.remove("dragged");
      if (moved && free) send();
      else if (!moved && e.type === "pointerup") toggle(item);
    };
    for (const [kind, listener] of [["pointermove", move], ["pointerup", end], ["pointercancel", end]]) window.addEventListener(kind, listener, { passive: false });
  }
  function key(event, item) {
    if (event.target !== item) return;
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key], all = [...program.children, ...rest.children], at = all.indexOf(item);
    if (way && (event.shiftKey || event.altKey || event.ctrlKey)) {
      const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
      if (other) item.parentNode.insertBefore(way < 0 ? item : other, way < 0 ? other : item);
      else if (way < 0 && item.parentNode === rest) program.append(item);
      else if (way > 0 && item.parentNode === program) rest.prepend(item);
      send();
      item.focus();
    } else if (way) all[Math.min(Math.max(at + way, 0), all.length - 1)].focus();
    else if (event.key === "Enter" || event.key === " ") {
      const next = all[at + 1] ?? all[at - 1];
      toggle(item);
      (next ?? item).focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();                         // JupyterLab would select another cell
  }
  function follow() {                                 // put the lines where Python has them
    const order = model.get("order"), gaps = model.get("gaps"), now = [...program.children].map((item) => Number(item.dataset.id));
    if (JSON.stringify(now) !== JSON.stringify(order) || program.children.length + rest.children.length < rows.length) {
      for (const item of rows) rest.append(item);
      for (const id of order) program.append(rows[id]);
    }
    rows.forEach((item, id) => { const gap = item.querySelector("select"); if (gap) gap.value = gaps[id] ?? "____"; });
  }
  model.on("change:order change:gaps", follow);
  follow();
  return () => model.off("change:order change:gaps", follow);
}
export default { render };
