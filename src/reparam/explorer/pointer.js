// The picture under the pointer: at once from the sheet, then exactly, once the pointer rests.

const REST = 30; // milliseconds

export function render({ model, el }) {
  el.innerHTML = `
    <div class="pointer">
      <canvas role="img" aria-label="the decoding under the pointer"></canvas>
      <div class="told">
        <div class="words" aria-live="polite">Move over the map: what a place decodes to stands here.</div>
        <div class="near"></div>
      </div>
    </div>`;
  const canvas = el.querySelector("canvas");
  const context = canvas.getContext("2d");
  const words = el.querySelector(".words");
  const near = el.querySelector(".near");
  const row = document.createElement("canvas");
  let sheet = null, timer = 0, asked = 0, last = null, frame = 0;

  function resize() {
    const [height, width] = model.size;
    for (const each of [canvas, row]) { each.width = width; each.height = height; }
    canvas.style.aspectRatio = `${width} / ${height}`;
  }

  function load() {
    sheet = null;
    if (!model.sheet) return;
    const image = new Image();
    image.onload = () => { sheet = image; };
    image.src = model.sheet;
  }

  function covered({ x, y }) { // beyond its edges the sheet knows nothing
    const [left, right, low, high] = model.frame;
    return left <= x && x <= right && low <= y && y <= high;
  }

  function tell(kind, at) {
    window.dispatchEvent(new CustomEvent("reparam-drawn", { detail: { kind, ...at } }));
  }

  function moved(event) {
    const at = event.detail;
    if (at.map !== model.map) return;
    last = at;
    if (sheet && covered(last) && !frame) {
      frame = requestAnimationFrame(() => {
        frame = 0;
        blend(context, row.getContext("2d"), sheet, model, last.x, last.y);
        canvas.dataset.kind = "approximate";
        const z = [];
        z[model.axes[1]] = last.y.toFixed(2);
        z[model.axes[0]] = last.x.toFixed(2); // of one dimension alone, what is across
        words.textContent = `about z = (${z.join(", ")})`;
        tell("first", last);
      });
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked += 1;
      model.send_msg({ ask: asked, x: last.x, y: last.y });
    }, REST);
  }

  function answered(event) {
    const found = event.data ?? event;
    if (found.ask !== asked) return; // the pointer has gone on
    const image = new Image();
    image.onload = () => {
      if (found.ask !== asked) return;
      cancelAnimationFrame(frame);
      frame = 0;
      context.globalAlpha = 1;
      context.drawImage(image, 0, 0);
      canvas.dataset.kind = "exact";
      canvas.dataset.z = JSON.stringify(found.z);
      words.textContent = found.words;
      near.replaceChildren(...found.near.map((each) => {
        const figure = document.createElement("figure");
        const picture = new Image();
        picture.src = each.picture;
        picture.alt = each.name;
        const caption = document.createElement("figcaption");
        caption.textContent = each.name;
        figure.append(picture, caption);
        return figure;
      }));
      tell("exact", { x: found.x, y: found.y, ask: found.ask });
    };
    image.src = found.picture;
  }

  resize();
  load();
  model.on("sheet", load);
  model.on("size", resize);
  model.on("msg:custom", answered);
  window.addEventListener("reparam-pointer", moved);
  model.on("remove", () => window.removeEventListener("reparam-pointer", moved));
}
