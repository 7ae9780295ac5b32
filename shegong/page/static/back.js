// Escape goes back to the board as it was left.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.getElementById("back").click();
});
document.getElementById("back").addEventListener("click", (event) => {
  const from = document.referrer && new URL(document.referrer);
  if (from && from.origin === location.origin && from.pathname.endsWith("/board")) {
    event.preventDefault();
    history.back();
  }
});
