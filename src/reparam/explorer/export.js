// The exported page: a map to move over, zoom and pan, and the picture of the place. It asks nobody.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const find = (id) => document.getElementById(id);
  const map = find("map"), mark = find("mark"), picture = find("picture"), words = find("words");
  const pen = map.getContext("2d"), over = mark.getContext("2d"), show = picture.getContext("2d");
  const spare = document.createElement("canvas").getContext("2d");
  const night = matchMedia("(prefers-color-scheme: dark)");
  const hidden = new Set(), images = [];
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
  const of = new Uint16Array(bytes(data.of));
  const values = Object.fromEntries(Object.entries(data.values).map(([name, { low, high, content }]) =>
    [name, Float32Array.from(new Uint16Array(bytes(content)), (q) => low + (high - low) * q / 65535)]));
  let plane, view, at, cloud, scale, due = 0;

  const colour = (hex, light) => [1, 3, 5].map((k) => {
    const value = parseInt(hex.slice(k, k + 2), 16);
    return Math.round(value + (255 - value) * light);
  });
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const toX = (x) => (x - view[0]) / (view[1] - view[0]) * map.width;
  const toY = (y) => (view[3] - y) / (view[3] - view[2]) * map.height;

  function ticks(low, high) {
    const rough = (high - low) / 6, ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].find((each) => each * ten >= rough) * ten, found = [];
    for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
    return found.map((value) => [value, String(+value.toPrecision(6))]);
  }

  function draw() {
    due = 0;
    const radius = scale * Math.min(2.4, Math.max(1, 160 / Math.sqrt(of.length)));
    dots(pen, colour(css("--paper"), 0), cloud, view, radius, 0.65);
    pen.lineWidth = scale;
    pen.strokeStyle = css("--faint");
    pen.setLineDash([5 * scale, 3 * scale]);
    if (find("prior")?.checked) for (const lines of plane.contours) for (const line of lines) {
      pen.beginPath();
      line.forEach(([x, y], k) => k ? pen.lineTo(toX(x), toY(y)) : pen.moveTo(toX(x), toY(y)));
      pen.stroke();
    }
    pen.setLineDash([]);
    pen.fillStyle = css("--faint");
    pen.font = `${11 * scale}px system-ui, sans-serif`;
    pen.textAlign = "center";
    for (const [x, text] of ticks(view[0], view[1])) pen.fillText(text, toX(x), map.height - 5 * scale);
    pen.textAlign = "left";
    for (const [y, text] of ticks(view[2], view[3])) pen.fillText(text, 4 * scale, toY(y));
    ring();
    document.documentElement.dataset.drawn ??= performance.now().toFixed(0);
  }

  function redraw() { due ||= requestAnimationFrame(draw); }

  function nearest() {
    let best = -1, least = Infinity;
    for (let i = 0; i < of.length; i++) {
      if (hidden.has(of[i])) continue;
      const far = (cloud.xs[i] - at[0]) ** 2 + (cloud.ys[i] - at[1]) ** 2;
      if (far < least) { least = far; best = i; }
    }
    return [best, Math.sqrt(least)];
  }

  function ring() {
    over.clearRect(0, 0, mark.width, mark.height);
    over.strokeStyle = "#D55E00"; // vermilion, on both papers
    over.lineWidth = 2.5 * scale;
    over.beginPath();
    over.arc(toX(at[0]), toY(at[1]), 8 * scale, 0, 7);
    over.stroke();
  }

  function tell() {
    const image = images[data.planes.indexOf(plane)];
    if (image?.complete && image.naturalWidth) {
      blend(show, spare, image, plane, at[0], at[1]);
      Object.assign(picture.dataset, { x: at[0], y: at[1] });
    }
    const [item, far] = nearest();
    const place = plane.names.map((name, k) => `${name}: ${at[k].toFixed(2)}`).join(", ");
    words.textContent = item < 0 ? place :
      `${place}; nearest: ${data.classes[of[item]]}, ${far.toFixed(2)} away`;
  }

  function move(x, y) {
    const [left, right, low, high] = plane.frame;
    at = [Math.min(right, Math.max(left, x)), Math.min(high, Math.max(low, y))];
    ring(); tell();
  }

  function zoom(factor, x, y) {
    const whole = plane.frame[1] - plane.frame[0], now = view[1] - view[0];
    factor = Math.min(4 * whole / now, Math.max(whole / 200 / now, factor));
    view = [0, 1, 2, 3].map((k) => (k < 2 ? x : y) + (view[k] - (k < 2 ? x : y)) * factor);
    redraw();
  }

  function pan(dx, dy) {
    view = [view[0] + dx, view[1] + dx, view[2] + dy, view[3] + dy];
    redraw();
  }

  function place(event) {
    const box = mark.getBoundingClientRect();
    return [view[0] + (event.clientX - box.left) / box.width * (view[1] - view[0]),
      view[3] - (event.clientY - box.top) / box.height * (view[3] - view[2])];
  }

  function choose(k) {
    plane = data.planes[k];
    view = [...plane.frame];
    cloud = { xs: values[plane.axes[0]], ys: values[plane.axes[1]], of, hidden, colours: cloud?.colours };
    for (const each of [picture, spare.canvas]) [each.height, each.width] = plane.size;
    const middle = (Math.floor(plane.across / 2) + 0.5) / plane.across;
    at = [0, 2].map((j) => plane.frame[j] + (j ? 1 - middle : middle) * (plane.frame[j + 1] - plane.frame[j]));
    if (!images[k]) {
      images[k] = new Image();
      images[k].onload = () => { tell(); document.documentElement.dataset.ready = k; };
      images[k].src = plane.image;
    }
    document.documentElement.dataset.ready = images[k].complete ? k : "";
    find("axes").textContent = `across: ${plane.names[0]}; up: ${plane.names[1]}`;
    redraw(); tell();
  }

  function light() {
    cloud.colours = data.colours.map((hex) => colour(hex, night.matches ? 0.35 : 0));
    document.querySelectorAll("#legend i").forEach((swatch, k) => {
      swatch.style.background = `rgb(${cloud.colours[k]})`;
    });
    redraw();
  }

  const fingers = new Map();
  mark.addEventListener("pointerdown", (event) => {
    mark.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel"])
    mark.addEventListener(end, (event) => fingers.delete(event.pointerId));
  mark.addEventListener("pointermove", (event) => {
    words.setAttribute("aria-live", "off"); // what the mouse passes over is not read out
    const before = fingers.get(event.pointerId), [x, y] = place(event);
    const other = [...fingers.values()].find((each) => each.pointerId !== event.pointerId);
    if (before && other) { // two fingers zoom
      const far = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
      zoom(far(before) / Math.max(1, far(event)), ...place(other));
    } else if (before && event.pointerType === "mouse") {
      const [x0, y0] = place(before);
      pan(x0 - x, y0 - y);
    } else move(x, y);
    if (before) fingers.set(event.pointerId, event);
  });
  mark.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 250), ...place(event));
  }, { passive: false });
  mark.addEventListener("dblclick", () => { view = [...plane.frame]; redraw(); });
  mark.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (way) {
      words.setAttribute("aria-live", "polite");
      const step = (plane.frame[1] - plane.frame[0]) / plane.across, fine = event.shiftKey ? 0.125 : 0;
      const next = (k) => fine ? at[k] + way[k] * fine * step : plane.frame[2 * k] + step * (0.5 +
        Math.min(plane.across - 1, Math.max(0, Math.floor((at[k] - plane.frame[2 * k]) / step) + way[k])));
      move(next(0), next(1));
      const out = (k) => Math.max(0, at[k] - view[2 * k + 1]) - Math.max(0, view[2 * k] - at[k]);
      if (out(0) || out(1)) pan(out(0), out(1));
    } else if (event.key === "+" || event.key === "=") zoom(0.8, ...at);
    else if (event.key === "-") zoom(1.25, ...at);
    else if (event.key === "0") { view = [...plane.frame]; redraw(); } else return;
    event.preventDefault();
  });
  const toggles = [...document.querySelectorAll("#legend button[aria-pressed]")];
  toggles.forEach((button, k) => button.addEventListener("click", () => {
    const off = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!off));
    hidden[off ? "add" : "delete"](k);
    redraw(); tell();
  }));
  find("all")?.addEventListener("click", () => {
    const none = hidden.size === 0;
    toggles.forEach((button, k) => {
      hidden[none ? "add" : "delete"](k);
      button.setAttribute("aria-pressed", String(!none));
    });
    redraw(); tell();
  });
  find("planes")?.addEventListener("change", (event) => choose(+event.target.value));
  find("prior")?.addEventListener("change", redraw);
  night.addEventListener("change", light);

  choose(0);
  light();
  new ResizeObserver(() => {
    scale = devicePixelRatio || 1;
    const side = Math.round(mark.clientWidth * scale);
    for (const canvas of [map, mark]) canvas.width = canvas.height = side;
    cancelAnimationFrame(due);
    draw();
  }).observe(mark);
})();
