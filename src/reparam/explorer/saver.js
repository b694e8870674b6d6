// A button that saves what the server makes when it is pressed.

export function render({ model, el }) {
  el.innerHTML = `<button class="save" type="button"></button>`;
  const button = el.querySelector("button");
  button.textContent = model.label;
  button.addEventListener("click", () => {
    button.disabled = true;
    model.send_msg({ save: true });
  });
  model.on("msg:custom", (event) => {
    const { name, text } = event.data ?? event;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // once it is saved
    button.disabled = false;
    button.focus();
  });
}
