// Where the elements get their token: from this page's own back end, which knows who is signed in. They ask when they need one,
// and again when it has expired; what comes is given on as it is.
window.signalfold = window.signalfold ?? {};
window.signalfold.tokens = async (firm) => {
  const reply = await fetch(`/view-token?firm=${encodeURIComponent(firm)}`, { method: 'POST' });
  if (!reply.ok) throw new Error(`the back end answered with ${reply.status}`);
  return reply.json();
};
