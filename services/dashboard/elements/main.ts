// /elements.js: one script, without a framework, that gives any page <client-lozenge> and <client-portal-card>.
import { ClientLozenge } from './lozenge.ts';
import { openSettings } from './page.ts';
import { ClientPortalCard } from './portal-card.ts';

// Twice on a page it does no harm.
if (customElements.get('client-lozenge') === undefined) {
  openSettings();
  customElements.define('client-lozenge', ClientLozenge);
  customElements.define('client-portal-card', ClientPortalCard);
}
