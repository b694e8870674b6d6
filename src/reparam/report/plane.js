"use strict";
(() => {
  const data = JSON.parse(document.getElementById("plane-data").textContent);
  const canvas = document.getElementById("plane");
  const decoded = document.getElementById("plane-decoded");
  const words = document.getElementById("plane-words");
  const overlay = document.getElementById("plane-overlay");
  const [left, right, low, high] = data.frame;
  const size = canvas.width, pen = canvas.getContext("2d"), show = decoded.getContext("2d");
  const sprite = new Image();
  let at = [(left + right) / 2, (low + high) / 2];

  const toX = (z) => (z - left) / (right - left) * size;
  const toY = (z) => (high - z) / (high - low) * size;
  const colour = (i) => data.labels && data.labels[i] >= 0 ? data.colours[data.labels[i]] : "#222222";

  function nearest() {
    let best = -1, least = Infinity;
    data.points.forEach(([x, y], i) => {
      const far = (x - at[0]) ** 2 + (y - at[1]) ** 2;
      if (far < least) { least = far; best = i; }
    });
    return best;
  }

  function line(x0, y0, x1, y1) {
    pen.beginPath(); pen.moveTo(x0, y0); pen.lineTo(x1, y1); pen.stroke();
  }

  function draw() {
    pen.fillStyle = "#fff"; pen.fillRect(0, 0, size, size);
    if (overlay.checked && sprite.complete) pen.drawImage(sprite, 0, 0, size, size);
    pen.strokeStyle = "#999"; pen.lineWidth = 1;
    line(toX(0), 0, toX(0), size); line(0, toY(0), size, toY(0));
    if (data.prior) for (const radius of [1, 2]) {
      const [[x, y], [wide, tall]] = data.prior;
      pen.beginPath();
      pen.ellipse(toX(x), toY(y), radius * wide * size / (right - left), radius * tall * size / (high - low), 0, 0, 7);
      pen.stroke();
    }
    pen.globalAlpha = overlay.checked ? 0.5 : 0.75;
    data.points.forEach(([x, y], i) => {
      pen.fillStyle = colour(i);
      pen.beginPath(); pen.arc(toX(x), toY(y), 2.2, 0, 7); pen.fill();
    });
    pen.globalAlpha = 1;
    pen.strokeStyle = "#D55E00"; pen.lineWidth = 2;
    pen.beginPath(); pen.arc(toX(at[0]), toY(at[1]), 7, 0, 7); pen.stroke();
  }

  function tell() {
    const cell = (share) => Math.min(data.across - 1, Math.max(0, Math.floor(share * data.across)));
    const column = cell((at[0] - left) / (right - left)), row = cell((high - at[1]) / (high - low));
    show.imageSmoothingEnabled = false;
    if (sprite.complete) show.drawImage(
      sprite, column * data.width, row * data.height, data.width, data.height, 0, 0, decoded.width, decoded.height);
    const i = nearest();
    let said = `z = (${at[0].toFixed(2)}, ${at[1].toFixed(2)})`;
    if (i >= 0 && data.labels && data.labels[i] >= 0) said += `, nearest code: ${data.classes[data.labels[i]]}`;
    words.textContent = said;
  }

  function move(x, y) {
    at = [Math.min(right, Math.max(left, x)), Math.min(high, Math.max(low, y))];
    draw(); tell();
  }

  canvas.addEventListener("pointermove", (event) => {
    words.setAttribute("aria-live", "off");
    const box = canvas.getBoundingClientRect();
    move(left + (event.clientX - box.left) / box.width * (right - left),
      high - (event.clientY - box.top) / box.height * (high - low));
  });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    words.setAttribute("aria-live", "polite"); // what the mouse passes over is not read out
    move(at[0] + way[0] * (right - left) / data.across, at[1] + way[1] * (high - low) / data.across);
  });
  overlay.addEventListener("change", draw);
  sprite.onload = () => { draw(); tell(); };
  sprite.src = data.sprite;
})();
