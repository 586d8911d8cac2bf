// Contrast of the first element that a selector finds, against what lies behind it (WCAG 2.2, relative luminance).
function parts(color) { return color.match(/[\d.]+/g).map(Number); }
function luminance([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(selector) {
  const element = document.querySelector(selector);
  let behind = element;
  while (parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const values = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map(parts).map(luminance);
  return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}
