// A slider for each dimension. What a hand moves is sent at once, one message in flight; the
// strips are asked for when everything has come to rest.

const REST = 150; // milliseconds

export function render({ model, el }) {
  el.innerHTML = `
    <div class="sliders">
      <div class="held">
        <img alt="the decoding of the held code"><div class="words" aria-live="polite"></div>
      </div>
      <div class="dimensions"></div>
      <button type="button" class="more"></button>
    </div>`;
  const held = el.querySelector(".held img");
  const words = el.querySelector(".words");
  const more = el.querySelector(".more");
  const rows = new Map(model.dims.map((each) => [each.k, row(each)]));
  let wanted = new Map(), flying = new Map(); // dimension to value
  let timer = 0, asking = false, again = false, opened = false;

  function row({ k, rate, low, high, dead }) {
    const line = document.createElement("label");
    line.className = dead ? "row dead" : "row";
    line.dataset.dimension = k;
    line.innerHTML = `
      <span class="name">dimension ${k}<small></small></span>
      <input type="range" min="${low}" max="${high}" step="${(high - low) / 200}">
      <output></output>
      <img class="strip" alt="">`;
    line.querySelector("small").textContent = rate;
    const slider = line.querySelector("input"), strip = line.querySelector(".strip");
    slider.addEventListener("input", () => move(k, slider.valueAsNumber));
    strip.addEventListener("click", (event) => {
      event.preventDefault(); // a label's click would go on to the slider
      if (!strip.dataset.values) return;
      const values = JSON.parse(strip.dataset.values);
      const place = Math.floor(event.offsetX / strip.clientWidth * values.length);
      const value = values[Math.min(Math.max(place, 0), values.length - 1)];
      write(k, value);
      move(k, value);
    });
    el.querySelector(".dimensions").append(line);
    return { line, slider, strip, number: line.querySelector("output") };
  }

  function number(k, value) {
    rows.get(k).number.textContent = Number(value.toFixed(2)).toFixed(2); // never -0.00
  }

  function write(k, value) {
    rows.get(k).slider.value = value;
    number(k, value);
  }

  function move(k, value) {
    number(k, value);
    wanted.set(k, value);
    if (!flying.size) send();
  }

  function send() {
    [flying, wanted] = [wanted, new Map()];
    model.send_msg({ set: [...flying] });
  }

  function follow() {
    for (const k of rows.keys()) {
      if (!flying.has(k) && !wanted.has(k)) write(k, model.values[k]);
    }
    rest();
  }

  function look() {
    held.src = model.picture;
    held.dataset.z = JSON.stringify(model.values);
    words.textContent = model.words;
  }

  function unfold() {
    model.dims.forEach((each, place) => { rows.get(each.k).line.hidden = place >= model.shown; });
    const left = model.dims.length - model.shown;
    more.hidden = left <= 0;
    more.textContent = `more (${left})`;
    rest();
  }

  function rest() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (asking) { again = true; return; }
      asking = true;
      if (!opened) model.opened += 1; // a first message alone would carry the whole model with it
      opened = true;
      model.send_msg({ strips: true });
    }, REST);
  }

  function answered(event) {
    const found = event.data ?? event;
    if (found.moved) {
      flying = new Map();
      if (wanted.size) send(); else follow();
    }
    if (found.strips) {
      for (const { k, picture, values } of found.strips) {
        const { strip } = rows.get(k);
        strip.src = picture;
        strip.alt = `its traversal, ${values[0].toFixed(2)} to ${values.at(-1).toFixed(2)}`;
        strip.dataset.values = JSON.stringify(values);
      }
      el.querySelector(".sliders").dataset.strips = JSON.stringify(found.z);
      asking = false;
      if (again) { again = false; rest(); }
    }
  }

  follow();
  look();
  unfold();
  more.addEventListener("click", () => model.send_msg({ more: true }));
  model.on("values", () => { follow(); look(); });
  model.on("picture", look);
  model.on("words", look);
  model.on("shown", unfold);
  model.on("msg:custom", answered);
  model.on("remove", () => clearTimeout(timer));
}
