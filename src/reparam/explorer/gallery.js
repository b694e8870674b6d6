// Pictures that are buttons; they are changed in place, so that the focus stays where it was.

const SOON = 50; // milliseconds; while it is drawn, the page's document does not know a model
const FEW = 12;

export function render({ model, el }) {
  el.innerHTML = `<div class="pictures" role="group"></div>`;
  const list = el.querySelector(".pictures");

  function button(kind, name, pressed) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.addEventListener("click", pressed);
    made.setAttribute("aria-label", name);
    return made;
  }

  function add(k) {
    const figure = document.createElement("figure");
    const picture = button("picture", "", () => model.send_msg({ pick: k }));
    picture.append(new Image());
    picture.firstChild.alt = "";
    figure.append(picture);
    if (model.crosses) {
      const cross = button("cross", "", () => model.send_msg({ drop: k }));
      cross.textContent = "\u00d7";
      figure.append(cross);
    }
    list.append(figure);
  }

  function show() {
    const pictures = model.pictures;
    list.setAttribute("aria-label", model.label);
    list.classList.toggle("one-row", model.one_row && pictures.length <= FEW);
    list.style.setProperty("--wide", `${model.wide}px`);
    while (list.children.length > pictures.length) list.lastChild.remove();
    while (list.children.length < pictures.length) add(list.children.length);
    pictures.forEach((each, k) => {
      const [picture, cross] = list.children[k].children;
      if (picture.firstChild.src !== each.picture) picture.firstChild.src = each.picture;
      picture.title = each.name;
      picture.setAttribute("aria-label", each.name);
      if (model.marks) picture.setAttribute("aria-pressed", String(each.marked));
      if (cross) cross.setAttribute("aria-label", `remove ${each.name}`);
    });
  }

  show();
  model.on("pictures", show);
  model.on("label", show);
  const soon = setTimeout(() => { model.opened += 1; }, SOON);
  model.on("remove", () => clearTimeout(soon));
}
