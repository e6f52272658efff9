// What ipywidgets leave out, added to the panel that this (invisible) widget lies in: the look of the panel, also
// when its kernel has ended; a name for each slider and picture, the slider's value as its readout shows it (a log
// slider would say the exponent), and its words for screen readers, once they have stood still for a while: a held
// key would have them say nothing else. And where the picture has a region to point at, the pointer's place in it,
// from 0 to 1 across and up.
const LOOK = `
.course-panel { border: 1px solid var(--jp-border-color2, #e0e0e0); border-radius: 6px; padding: 10px 14px; margin: 4px 0;
  max-width: 960px; box-sizing: border-box; gap: 6px; overflow: hidden; }
.course-panel .widget-gridbox { grid-gap: 2px 28px; overflow: visible; }
.course-panel .widget-slider > .widget-label, .course-panel .widget-dropdown > .widget-label,
.course-panel .widget-text > .widget-label { text-align: left; white-space: normal; height: auto; line-height: 1.2; align-self: center; }
.course-panel .widget-gridbox > * { width: auto !important; max-width: 520px; }
.course-panel .widget-gridbox > .widget-vbox { max-width: none; overflow: visible; grid-column: 1 / -1; }
.course-panel .widget-slider, .course-panel .widget-dropdown { align-items: center; height: auto; min-height: var(--jp-widgets-inline-height, 28px); }
.course-panel .widget-checkbox > .widget-label:first-child { display: none; }
.course-panel .widget-readout { min-width: 52px; text-align: right; font-variant-numeric: tabular-nums; color: var(--jp-content-font-color1, #111); }
.course-panel .widget-dropdown > select { height: var(--jp-widgets-inline-height, 28px); flex: 1 1 auto; }
.course-panel .widget-html-content { line-height: 1.4; }
.course-panel .noUi-handle:focus-visible, .course-panel button:focus-visible, .course-panel select:focus-visible,
.course-panel input:focus-visible, .course-panel canvas:focus-visible { outline: 3px solid #56B4E9 !important; outline-offset: 2px; }
.course-panel .widget-image { border-radius: 3px; }
.course-panel [role=status], .course-panel [role=alert] { padding: 4px 10px; border-left: 4px solid #0072B2;
  background: var(--jp-layout-color2, #f2f2f2); color: var(--jp-content-font-color1, #111); font-variant-numeric: tabular-nums; }
.course-panel [role=alert] { border-left-color: #D55E00; }
.course-panel [role=status].reached { border-left-color: #009E73; }
.course-panel .course-frame { display: none; }
.course-panel { position: relative; }
.course-panel .course-light { position: absolute; border: 3px solid #D55E00; border-radius: 5px; pointer-events: none; box-sizing: border-box; transition: all .25s; }
.course-panel button.course-chosen { background: #0072B2; color: white; font-weight: bold; }
.course-panel button.course-right { background: #00734F; color: white; font-weight: bold; }
.course-panel button.course-wrong { background: #B04A00; color: white; font-weight: bold; }
.course-panel .course-stages { border-left: 4px solid #CC79A7; padding: 2px 0 2px 10px; overflow: visible; }
.course-panel .course-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.course-panel .jupyter-widgets-disconnected::before { display: none !important; }
.course-panel.jupyter-widgets-disconnected::before { content: "The kernel that drew this figure has ended: run the cell above again." !important;
  font-family: var(--jp-ui-font-family) !important; color: var(--jp-content-font-color1) !important; border-left: 4px solid #D55E00; padding: 4px 10px; }
.course-panel.jupyter-widgets-disconnected > * { opacity: .5; pointer-events: none; }
`;

const QUIET = 700;       // milliseconds without new words, after which they are said

function render({ model, el }) {
  if (!document.getElementById("course-look")) {
    const style = document.createElement("style");
    style.id = "course-look";
    style.textContent = LOOK;
    document.head.append(style);
  }
  el.classList.add("course-frame");
  let panel = null;
  const set = (element, name, value) => { if (element.getAttribute(name) !== value) element.setAttribute(name, value); };

  function name() {
    for (const handle of panel.querySelectorAll(".noUi-handle")) {
      const row = handle.closest(".widget-slider");
      set(handle, "aria-label", row.querySelector(".widget-label").textContent);
      set(handle, "aria-valuetext", row.querySelector(".widget-readout").textContent);
      set(row.querySelector(".widget-readout"), "aria-label", row.querySelector(".widget-label").textContent + ", typed");
      set(row.querySelector(".widget-readout"), "role", "textbox");
    }
    for (const words of panel.querySelectorAll("[role=status]:not([data-heard])")) hear(words);
    for (const picture of panel.querySelectorAll("img.widget-image")) {
      set(picture, "alt", model.get("title"));
      listen(picture);
    }
  }
  const spoken = document.createElement("div");
  spoken.className = "course-spoken";
  spoken.setAttribute("aria-live", "polite");
  let silence = null;
  function hear(words) {                              // they are new, or have just changed
    const aloud = words.getAttribute("aria-live") !== "off";
    words.dataset.heard = "yes";
    words.setAttribute("aria-live", "off");
    clearTimeout(silence);
    if (aloud) silence = setTimeout(() => { if (spoken.textContent !== words.textContent) spoken.textContent = words.textContent; }, QUIET);
  }
  let held = false, frame = 0;
  function place(event) {                             // of the pointer in the region; null where there is none
    const [left, bottom, right, top] = model.get("region"), box = event.currentTarget.getBoundingClientRect();
    const u = ((event.clientX - box.left) / box.width - left) / (right - left);
    const v = (1 - (event.clientY - box.top) / box.height - bottom) / (top - bottom);
    const inside = u >= 0 && u <= 1 && v >= 0 && v <= 1;
    return inside || held ? [u, v].map((a) => Math.min(Math.max(a, 0), 1)) : null;
  }
  function point(event) {
    const where = place(event), picture = event.currentTarget;
    if (event.type === "pointerdown" && where && event.button === 0) {
      held = true;
      picture.setPointerCapture(event.pointerId);
    }
    picture.style.cursor = where ? "crosshair" : "";
    if (held && where) {
      event.preventDefault();
      cancelAnimationFrame(frame);                    // one message a repaint, and the last place is never lost
      frame = requestAnimationFrame(() => { model.set("point", where); model.save_changes(); });
    }
    if (event.type === "pointerup" || event.type === "pointercancel") held = false;
  }
  function listen(picture) {
    if (picture.dataset.pointed || !model.get("region").length) return;
    picture.dataset.pointed = "yes";
    picture.style.touchAction = "none";
    picture.draggable = false;
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) picture.addEventListener(kind, point);
  }
  let light = null;
  function shine() {                                  // outline what a stage speaks of
    const region = model.get("light"), picture = panel.querySelector("img.widget-image");
    if (!light) { light = document.createElement("div"); light.className = "course-light"; panel.append(light); }
    light.style.display = region.length && picture ? "" : "none";
    if (!region.length || !picture) return;
    const [left, bottom, right, top] = region, outer = panel.getBoundingClientRect(), box = picture.getBoundingClientRect();
    Object.assign(light.style, { left: `${box.left - outer.left - panel.clientLeft + left * box.width}px`, top: `${box.top - outer.top - panel.clientTop + (1 - top) * box.height}px`,
      width: `${(right - left) * box.width}px`, height: `${(top - bottom) * box.height}px` });
  }
  const resized = new ResizeObserver(() => shine());
  model.on("change:light", shine);
  function turn(event) {                              // left and right go from stage to stage
    const name = { ArrowLeft: "back", ArrowRight: "next" }[event.key], stages = event.target.closest(".course-stages");
    if (!name || !stages) return;
    event.preventDefault();
    event.stopPropagation();
    stages.querySelector(`.course-${name}`)?.click();
  }
  const watch = new MutationObserver(name);
  const wait = setInterval(() => {                   // until this widget has been put into its panel
    panel = el.closest(".course-panel");
    if (!panel) return;
    clearInterval(wait);
    set(panel, "role", "group");
    set(panel, "aria-label", model.get("title"));
    panel.append(spoken);
    panel.addEventListener("keydown", turn);
    resized.observe(panel);
    for (const picture of panel.querySelectorAll("img.widget-image")) resized.observe(picture);
    watch.observe(panel, { childList: true, subtree: true, characterData: true, attributeFilter: ["aria-valuetext"] });
    name();
  }, 30);
  return () => { clearInterval(wait); clearTimeout(silence); watch.disconnect(); resized.disconnect(); model.off("change:light", shine); };
}
export default { render };
