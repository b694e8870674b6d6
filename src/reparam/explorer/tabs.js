// Tabs by keyboard, which Bokeh's are not: Enter and the space bar open, the arrows walk.

let focusing = null; // gives the focus back to an opened tab, until the person goes elsewhere

document.addEventListener("pointerdown", () => focusing?.disconnect());

document.addEventListener("focusin", (event) => {
  const tab = event.composedPath()[0];
  if (!tab.classList?.contains("bk-tab")) {
    focusing?.disconnect();
    return;
  }
  tab.parentNode.setAttribute("role", "tablist");
  for (const each of tab.parentNode.children) {
    each.setAttribute("role", "tab");
    each.setAttribute("aria-selected", String(each.classList.contains("bk-active")));
  }
});

document.addEventListener("keydown", (event) => {
  const tab = event.composedPath()[0];
  if (!tab.classList?.contains("bk-tab")) return;
  const all = [...tab.parentNode.children], step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) all[(all.indexOf(tab) + step + all.length) % all.length].focus();
  else if (event.key === "Enter" || event.key === " ") openPanel(tab, all.indexOf(tab));
  else return;
  event.preventDefault();
});

function openPanel(tab, place) { // Bokeh makes the tabs anew, and the focus would be lost
  const root = tab.getRootNode();
  focusing?.disconnect();
  focusing = new MutationObserver(() => {
    if (document.activeElement === document.body) root.querySelectorAll(".bk-tab")[place]?.focus();
  });
  focusing.observe(root, { childList: true, subtree: true });
  tab.click();
}
