// Improves what already works without it: keys for answers, three Shifts to leave, no form sent twice.
"use strict";

document.documentElement.classList.add("script");

const leave = document.getElementById("leave");
const answers = document.querySelector("form[data-keys]");
const shiftWindowMs = 1500;
let shifts = [];

function leaveNow() {
  // The page goes blank before the network answers: what was on it is hidden at once.
  document.documentElement.hidden = true;
  document.title = "";
  leave.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Shift") {
    const now = event.timeStamp;
    shifts = shifts.filter((at) => now - at < shiftWindowMs).concat(now);
    if (shifts.length >= 3) leaveNow();
    return;
  }
  shifts = [];
  if (!answers || event.target.closest("input, textarea, select")) return;
  const buttons = answers.querySelectorAll("button:not(.plain)");
  const index = Number.parseInt(event.key, 10) - 1;
  if (index >= 0 && index < buttons.length) buttons[index].click();
});

// A second tap on a slow line must not answer the next question.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent && form !== leave) event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// A page that the browser kept in memory may be older than the sitting.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});
