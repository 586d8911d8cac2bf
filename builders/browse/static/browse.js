// Loads what takes long, a count or a raw row, after the page is there. Without it, a link leads to the same.
for (const place of document.querySelectorAll("[data-load]")) {
  place.insertAdjacentHTML("beforeend", '<p class="wait">Reading …</p>');
  fetch(place.dataset.load)
    .then((answer) => answer.text())
    .then((text) => { place.innerHTML = text; })
    .catch(() => { place.querySelector(".wait").textContent = "The server has ended."; });
}
// On a narrow screen the records come first.
const filters = document.querySelector("details.filters");
if (filters && matchMedia("(max-width: 52rem)").matches) filters.open = false;
