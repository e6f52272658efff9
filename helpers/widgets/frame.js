// What ipywidgets leave out, added to the panel that this (invisible) widget lies in: a name for each slider and
// picture, the slider's value as its readout shows it (a log slider would say the exponent), and its words for screen
// readers, once they have stood still for a while: a held key would have them say nothing else. Where the picture has a
// region to point at, the pointer's place in it, from 0 to 1 across and up. What a stage lights up. And what page.js has.
const QUIET = 700;       // milliseconds without new words, after which they are said

function render({ model, el }) {
  if (!document.getElementById("course-look")) {
    const style = document.createElement("style");
    style.id = "course-look";
    style.textContent = model.get("look");              // it stays when the kernel has ended
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
    loosen(panel);
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
    picture.style.cursor = where ? "crosshair" : "default";
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
    const region = model.get("light"), picture = panel?.querySelector("img.widget-image");
    if (!light && panel) { light = document.createElement("div"); light.className = "course-light"; panel.append(light); }
    if (light) light.style.display = region.length && picture ? "" : "none";
    if (!region.length || !picture) return;
    const [left, bottom, right, top] = region, outer = panel.getBoundingClientRect(), box = picture.getBoundingClientRect();
    Object.assign(light.style, { left: `${box.left - outer.left - panel.clientLeft + left * box.width}px`, top: `${box.top - outer.top - panel.clientTop + (1 - top) * box.height}px`,
      width: `${(right - left) * box.width}px`, height: `${(top - bottom) * box.height}px` });
  }
  let pending = 0;
  const refit = () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(() => { if (panel?.isConnected) { fit(panel); shine(); } }); };
  const resized = new ResizeObserver(refit);
  function turn(event) {                              // left and right go from stage to stage
    const name = { ArrowLeft: "back", ArrowRight: "next" }[event.key], stages = event.target.closest(".course-stages");
    if (!name || !stages) return;
    event.preventDefault();
    event.stopPropagation();
    stages.querySelector(`.course-${name}`)?.click();
  }
  function sharpen() {                                // how many pixels of the screen a point on the page has
    const ratio = Math.min(Math.max(window.devicePixelRatio || 1, 1), 2);
    if (ratio > model.get("ratio")) { model.set("ratio", ratio); model.save_changes(); }
  }
  const watch = new MutationObserver(name), ends = [];
  const wait = setInterval(() => {                   // until this widget has been put into its panel
    panel = el.closest(".course-panel");
    if (!panel) return;
    clearInterval(wait);
    set(panel, "role", "group");
    set(panel, "aria-label", model.get("title"));
    panel.append(spoken);
    panel.addEventListener("keydown", turn);
    for (const kind of ["keydown", "blur"]) panel.addEventListener(kind, readComma, true);
    resized.observe(panel);
    window.addEventListener("resize", refit);
    for (const picture of panel.querySelectorAll("img.widget-image")) resized.observe(picture);
    watch.observe(panel, { childList: true, subtree: true, characterData: true, attributeFilter: ["aria-valuetext"] });
    model.on("change:light", shine);
    name();
    sharpen();
    ends.push(beat(panel, model), watchKernel(panel));
    keepInView(panel, model.get("born"));
  }, 30);
  return () => {
    clearInterval(wait);
    clearTimeout(silence);
    watch.disconnect();
    resized.disconnect();
    window.removeEventListener("resize", refit);
    model.off("change:light", shine);
    for (const end of ends) end();
  };
}
export default { render };
