// Parts of frame.js that look at the page around a panel: sliders that keep what is typed, what is in sight, the kernel.

// A slider of ipywidgets writes a value that it is given back as its nearest step. So the steps hold only while a hand
// is on it: what is typed, or set by the program, stays as it is. A comma is read as a decimal point.
function loosen(panel) {
  for (const target of panel.querySelectorAll(".course-free .noUi-target:not([data-loose])")) {
    const slider = target.noUiSlider, step = slider.options.step;
    target.dataset.loose = "yes";
    const hold = () => slider.updateOptions({ step }, false), let_go = () => setTimeout(() => slider.updateOptions({ step: null }, false));
    for (const kind of ["pointerdown", "mousedown", "touchstart", "keydown"]) target.addEventListener(kind, hold, true);
    target.addEventListener("pointerdown", () => window.addEventListener("pointerup", let_go, { once: true }), true);
    target.addEventListener("keyup", let_go);
    slider.updateOptions({ step: null }, false);
  }
}
function readComma(event) {
  const readout = event.target.closest?.(".widget-readout");
  if (!readout || (event.type === "keydown" && event.key !== "Enter")) return;
  readout.textContent = readout.textContent.trim().replace(/^([-+]?\d*),(\d+)$/, "$1.$2");
}

// JupyterLab shows the next cell after Shift+Enter, and scrolls the figure out of view: bring it back, once.
const FRESH = 6000, WATCHED = 2500;      // milliseconds: how old a new panel may be; for how long it may still grow
function keepInView(panel, born) {
  const cell = panel.closest(".jp-Cell"), paper = panel.closest(".jp-WindowedPanel-outer") ?? panel.closest(".jp-Notebook");
  const isActive = (e) => e?.classList.contains("jp-mod-active");
  if (!cell || !paper || Date.now() - born > FRESH || !(isActive(cell) || isActive(cell.nextElementSibling))) return;
  const until = performance.now() + WATCHED, stop = () => { over = true; };
  let over = false;
  for (const kind of ["wheel", "pointerdown", "touchstart", "keydown"]) paper.addEventListener(kind, stop, { once: true, passive: true });
  const look = () => {
    if (over || !panel.isConnected) return;
    const own = panel.getBoundingClientRect(), view = paper.getBoundingClientRect();
    const hidden = own.height <= view.height ? Math.min(0, own.top - view.top - 6) || Math.max(0, own.bottom - view.bottom + 6) : own.top - view.top - 6;
    if (Math.abs(hidden) > 1) paper.scrollTop += hidden;
    if (performance.now() < until) setTimeout(look, 80);
  };
  look();
}

// A figure fits on the screen with its controls: where it would not, its picture is shown a little smaller.
const LEAST = 0.6, WIDE = 640, SAME = 24;       // of its own size; pixels of a panel that is not on a phone; pixels that are no change
function fit(panel) {
  const paper = panel.closest(".jp-WindowedPanel-outer") ?? panel.closest(".jp-Notebook"), picture = panel.querySelector("img.widget-image");
  if (!paper?.clientHeight || !picture?.clientHeight || !picture.naturalWidth) return;
  const old = picture.style.maxWidth, was = picture.clientWidth;
  picture.style.maxWidth = "";
  const before = panel.offsetHeight, excess = before - paper.clientHeight + 12;
  if (excess <= 0 || panel.clientWidth < WIDE) return;
  const wide = Math.round(Math.max(LEAST * picture.clientWidth, (picture.clientHeight - excess) * picture.naturalWidth / picture.naturalHeight));
  picture.style.maxWidth = old && Math.abs(wide - was) < SAME && wide >= was ? old : `min(calc(100% - 4px), ${wide}px)`;
  if (panel.offsetHeight >= before) picture.style.maxWidth = "";       // it is the controls that are too tall
}

// A training that nobody sees rests: as long as the panel is in sight, Python hears so.
const BEAT = 1500;       // milliseconds
function beat(panel, model) {
  let seen = true;
  const sight = new IntersectionObserver((entries) => { seen = entries.at(-1).isIntersecting; tell(); });
  const tell = () => { if (seen && model.get("beating") && document.visibilityState === "visible" && panel.isConnected) model.send("beat"); };
  sight.observe(panel);
  const timer = setInterval(tell, BEAT);
  document.addEventListener("visibilitychange", tell);
  model.on("change:beating", tell);
  return () => { clearInterval(timer); sight.disconnect(); document.removeEventListener("visibilitychange", tell); model.off("change:beating", tell); };
}

// JupyterLab tells widgets when their kernel is started anew, and not when it is shut down or dies.
function watchKernel(panel) {
  const lab = window.jupyterapp?.shell;
  const page = lab ? [...lab.widgets("main")].find((widget) => widget.node.contains(panel)) : null, context = page?.sessionContext;
  if (!context) return () => {};
  const kernel = context.session?.kernel?.id;
  const look = () => {
    const now = context.session?.kernel;
    panel.classList.toggle("course-ended", !now || now.id !== kernel || ["dead", "autorestarting", "terminating"].includes(now.status) || panel.classList.contains("course-ended"));
  };
  context.statusChanged.connect(look);
  context.kernelChanged.connect(look);
  return () => { context.statusChanged.disconnect(look); context.kernelChanged.disconnect(look); };
}
