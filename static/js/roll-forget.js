// The login page: nobody is logged in here, so no names of children stay in this browser. Marks that are not sent yet stay,
// as numbers, until their teacher logs in again.
"use strict";
try {
  localStorage.removeItem("roll-user");
} catch {
  // nothing was kept
}
roll.store.forgetNames().catch(() => {});
