// Where one says who one is, when the service asks for it: a key or a token, kept for as long as this tab lives.
import { type FormEvent, useEffect, useState } from 'react';
import { signIn } from '../../frame/session.ts';
import { Mark } from '../../frame/shell.tsx';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import './sign-in-page.css';

/** `refused`: what the service said of the one before; empty at first. */
export function SignInPage({ refused }: { readonly refused: string }) {
  const [token, setToken] = useState('');
  useEffect(() => {
    document.title = 'Sign in · signalfold';
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== '') signIn(token.trim());
  };
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Mark />
        <h1>Sign in</h1>
        <p>This service asks who you are.</p>
        <form onSubmit={submit}>
          <Field
            label="Key or token"
            hint="Kept in this tab alone, until you close it."
            mistake={refused === '' ? null : refused}
            type="password"
            autoComplete="off"
            spellCheck={false}
            required
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
          <Button kind="primary" submits>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}
