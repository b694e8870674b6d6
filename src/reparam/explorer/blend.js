// What a sheet of decodings shows at a place: four pictures, weighed by how near they are.
// `pointer.js` and the exported page both have this before them.

function blend(target, spare, image, { frame, across, size }, x, y) {
  const [left, right, low, high] = frame, [height, width] = size;
  const clamp = (value) => Math.min(Math.max(value, 0), across - 1);
  const u = clamp((x - left) / (right - left) * across - 0.5);
  const v = clamp((high - y) / (high - low) * across - 0.5);
  const column = Math.min(Math.floor(u), across - 2), line = Math.min(Math.floor(v), across - 2);
  const tile = (pen, i, j, share) => {
    pen.globalAlpha = share;
    pen.drawImage(image, i * width, j * height, width, height, 0, 0, width, height);
  };
  tile(target, column, line, 1);
  tile(target, column + 1, line, u - column);
  tile(spare, column, line + 1, 1);
  tile(spare, column + 1, line + 1, u - column);
  target.globalAlpha = v - line;
  target.drawImage(spare.canvas, 0, 0);
  target.globalAlpha = 1;
}
