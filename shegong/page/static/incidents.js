// A link to #incident-7 leads to its incident also where the list leaves it out: it is then asked for by its number.
"use strict";
function ask() {
  const wanted = /^#incident-(\d+)$/.exec(location.hash);
  if (!wanted || document.getElementById(location.hash.slice(1))) return;
  const place = new URL(location.href);
  if (place.searchParams.get("number") === wanted[1]) return; // there is none, and the page says so
  place.searchParams.set("number", wanted[1]);
  location.replace(place);
}
ask();
window.addEventListener("hashchange", ask);
