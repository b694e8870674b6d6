// A field for one file: dropped or chosen, and sent in parts, so that no message is large.

const PART = 512 * 1024; // bytes

export function render({ model, el }) {
  el.innerHTML = `
    <label class="field">
      <input type="file">
      <span>Drop a picture here, or <strong>choose one</strong></span>
      <small></small>
      <small class="progress" aria-live="polite"></small>
    </label>`;
  const field = el.querySelector(".field");
  const input = el.querySelector("input");
  const progress = el.querySelector(".progress");
  el.querySelector("small").textContent = model.hint;
  input.accept = model.accepted;
  let turn = 0;

  async function send(files) {
    const mine = ++turn, file = files[0];
    const about = { turn: mine, together: files.length };
    if (files.length !== 1 || file.size > model.limit) {
      model.send_msg({ ...about, name: file?.name ?? "", size: file?.size ?? 0, refused: true });
      return;
    }
    model.send_msg({ ...about, name: file.name, size: file.size, refused: false });
    try {
      for (let at = 0; at < file.size; at += PART) {
        const part = await file.slice(at, at + PART).arrayBuffer();
        if (mine !== turn) return; // another file came
        model.send_msg({ turn: mine, part });
        progress.textContent = `sending ${Math.round(Math.min(1, (at + PART) / file.size) * 100)}%`;
      }
    } catch {
      model.send_msg({ ...about, name: file.name, size: file.size, refused: true });
    }
    progress.textContent = "";
  }

  input.addEventListener("change", () => {
    if (input.files.length) send([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  field.addEventListener("dragover", (event) => {
    event.preventDefault();
    field.classList.add("over");
  });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    field.classList.remove("over");
    send([...event.dataTransfer.files]);
  });
}
