// Asks the browser for a passkey (WebAuthn), and sends what it answers with the form around the button.
"use strict";

const letters = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

async function created(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: named(options.excludeCredentials),
    },
  });
  return said(made, {
    attestationObject: letters(made.response.attestationObject),
    clientDataJSON: letters(made.response.clientDataJSON),
  });
}

async function signed(options) {
  const made = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) },
  });
  return said(made, {
    authenticatorData: letters(made.response.authenticatorData),
    clientDataJSON: letters(made.response.clientDataJSON),
    signature: letters(made.response.signature),
  });
}

const said = (made, response) =>
  JSON.stringify({ id: made.id, rawId: letters(made.rawId), type: made.type, response, clientExtensionResults: {} });

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const form = button.form;
  const refused = form.querySelector("[data-passkey-refused]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    refused.hidden = true;
    const options = JSON.parse(button.dataset.passkey);
    try {
      form.elements.passkey.value = await (options.user ? created(options) : signed(options));
      form.submit();
    } catch {
      refused.hidden = false;
    }
  });
}
