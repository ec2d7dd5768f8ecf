// The dashboard: puts the page together in the browser.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './frame/app.tsx';
import './frame/tokens.css';
import './frame/base.css';

const place = document.getElementById('page');
if (place === null) throw new Error('The page has no place for its content.');
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
