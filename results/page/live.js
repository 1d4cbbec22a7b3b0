"use strict";
// The page renews itself: it asks for the state that comes after the one it
// has, and the answer waits on the server until there is one. What has changed
// is put in place section by section, so that a reader's place is kept.
(() => {
  const again = 2000, patience = 40000; // ms
  const page = document.getElementById("page");
  const word = document.getElementById("connection");
  const since = () => new Date().toLocaleTimeString();

  function tell(text) {
    if (word.textContent !== text) word.textContent = text;
    word.hidden = text === "";
    document.body.classList.toggle("stale", text !== "" && page.dataset.state === "going");
  }

  function swap(html) {
    const next = new DOMParser().parseFromString(html, "text/html");
    const fresh = next.getElementById("page");
    if (!fresh) throw new Error("the answer is no page of slload's");
    document.title = next.title;
    const before = [...page.children], after = [...fresh.children];
    page.dataset.version = fresh.dataset.version;
    page.dataset.state = fresh.dataset.state;
    if (before.length !== after.length) {
      page.replaceChildren(...after);
      return;
    }
    before.forEach((old, i) => {
      if (old.outerHTML === after[i].outerHTML) return;
      const places = [...old.querySelectorAll(".scroll, pre")].map((e) => e.scrollLeft);
      const open = [...old.querySelectorAll("details")].map((e) => e.open);
      old.replaceWith(after[i]);
      after[i].querySelectorAll("details").forEach((e, n) => { e.open = !!open[n]; });
      after[i].querySelectorAll(".scroll, pre").forEach((e, n) => { e.scrollLeft = places[n] || 0; });
    });
  }

  async function renew() {
    let wait = 0;
    try {
      const query = new URLSearchParams({ after: page.dataset.version });
      if (document.hidden) query.set("until", "over"); // nobody looks: nothing is to be drawn
      const answer = await fetch("?" + query, { cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (answer.status === 200) swap(await answer.text());
      else if (answer.status !== 204) throw new Error("HTTP " + answer.status);
      tell("");
    } catch {
      wait = again;
      if (page.dataset.state === "over") tell("The run is over, and slload has ended: this page is as it left it.");
      else if (word.hidden) tell("Connection lost at " + since() + ": these figures are old. Trying again.");
    }
    setTimeout(renew, wait);
  }

  renew();
})();
