// Where one says who one is, when the service asks for it: at the issuer, or with a key or a token, kept for as long as this tab
// lives.
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { signInQuery } from '../../api/start.ts';
import type { Issuer } from '../../frame/issuer.ts';
import { navigate } from '../../frame/router.tsx';
import { isSignedIn, signIn, signInBy, signOut } from '../../frame/session.ts';
import { Mark } from '../../frame/shell.tsx';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import './sign-in-page.css';

/** `refused`: what the service said of the one before; empty at first. */
export function SignInPage({ refused }: { readonly refused: string }) {
  const asked = useQuery(signInQuery);
  const issuer = asked.data?.kind === 'oidc' ? asked.data : null;
  const isNobodys = asked.data !== undefined && issuer === null && isBack();
  useEffect(() => {
    // Without an issuer nobody comes back from one.
    if (isNobodys) navigate('/', { replace: true });
  }, [isNobodys]);
  useEffect(() => {
    document.title = 'Sign in · signalfold';
  }, []);
  return (
    <main className="sign-in">
      <div className="sign-in-card" aria-busy={asked.isPending}>
        <Mark />
        <h1>Sign in</h1>
        {asked.isPending ? (
          <p>Loading …</p>
        ) : issuer === null ? (
          <>
            <p>This service asks who you are.</p>
            <KeyForm refused={refused} />
          </>
        ) : isBack() ? (
          <ComingBack issuer={issuer} />
        ) : (
          <AtIssuer issuer={issuer} refused={refused} />
        )}
      </div>
    </main>
  );
}

/** The issuer has sent one here. */
export function isBack(): boolean {
  const answer = new URLSearchParams(window.location.search);
  return window.location.pathname === '/sign-in' && answer.has('state');
}

function AtIssuer({ issuer, refused }: { readonly issuer: Issuer; readonly refused: string }) {
  const [fault, setFault] = useState('');
  const [isLeaving, setLeaving] = useState(false);
  const begin = async () => {
    setLeaving(true);
    const { leaveFor } = await import('../../frame/issuer.ts');
    const { pathname, search } = window.location;
    const returnTo = pathname === '/sign-in' ? '/' : pathname + search;
    await leaveFor(issuer, returnTo, false).catch((error: unknown) => {
      setLeaving(false);
      setFault(`${hostOf(issuer)} cannot be asked: ${textOf(error)}`);
    });
  };
  const said = fault || refused;
  return (
    <>
      <p>This service asks who you are.</p>
      {said === '' ? null : (
        <p className="sign-in-fault" role="alert">
          {said}
        </p>
      )}
      <Button kind="primary" disabled={isLeaving} onClick={() => void begin()}>
        Sign in at {hostOf(issuer)}
      </Button>
      <details>
        <summary>With a key or token instead</summary>
        <KeyForm refused="" />
      </details>
    </>
  );
}

/** Once for one answer of the issuer, however often it is drawn. */
let isComingBack = false;

function ComingBack({ issuer }: { readonly issuer: Issuer }) {
  useEffect(() => {
    if (isComingBack) return;
    isComingBack = true;
    void finish(issuer).finally(() => {
      isComingBack = false;
    });
  }, [issuer]);
  return <p>One moment …</p>;
}

/** Back to where one was, signed in or not. */
async function finish(issuer: Issuer): Promise<void> {
  const { comeBack, hasLeft, leftFrom } = await import('../../frame/issuer.ts');
  const [here, returnTo] = [new URL(window.location.href), leftFrom()];
  // A link that somebody made must not sign anybody out.
  if (!hasLeft() && isSignedIn()) {
    navigate('/', { replace: true });
    return;
  }
  try {
    const granted = await comeBack(issuer, here);
    navigate(returnTo, { replace: true });
    signInBy(issuer, granted);
  } catch (error) {
    navigate(returnTo, { replace: true });
    signOut(silentlyRefused.includes(here.searchParams.get('error') ?? '') ? 'Your sign-in has ended.' : textOf(error));
  }
}

/** What an issuer answers when it was asked to ask nothing. */
const silentlyRefused = ['login_required', 'interaction_required', 'consent_required', 'account_selection_required'];

function KeyForm({ refused }: { readonly refused: string }) {
  const [token, setToken] = useState('');
  const [isMistyped, setMistyped] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = token.trim();
    // Nothing else goes into a header.
    if (/^[\x21-\x7e]+$/.test(given)) signIn(given);
    else setMistyped(given !== '');
  };
  const mistake = isMistyped ? 'A key or token has no spaces, and no letters beyond a to z. Copy it anew.' : refused;
  return (
    <form onSubmit={submit}>
      <Field
        label="Key or token"
        hint="Kept in this tab alone, until you close it."
        mistake={mistake === '' ? null : mistake}
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
  );
}

function hostOf({ issuer }: Issuer): string {
  return new URL(issuer).host;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
