// Where WebGL would be drawn by the processor, Bokeh's own canvas is quicker: while one pans it
// leaves points out. So there is WebGL only where a graphics card draws it.

const contextOf = HTMLCanvasElement.prototype.getContext;

function drawnInSoftware() {
  const probe = contextOf.call(document.createElement("canvas"), "webgl");
  const told = probe?.getExtension("WEBGL_debug_renderer_info");
  return !told || /swiftshader|llvmpipe|softpipe|software|basic render/i.test(
    probe.getParameter(told.UNMASKED_RENDERER_WEBGL));
}

if (drawnInSoftware()) {
  HTMLCanvasElement.prototype.getContext = function (kind, ...given) {
    return kind.startsWith("webgl") ? null : contextOf.call(this, kind, ...given);
  };
}
