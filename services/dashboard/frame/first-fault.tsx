// What is shown when a page breaks: React takes the page away, so this says so, and lets one go on.
import { Component, type ReactNode } from 'react';
import { Failed } from '../parts/states.tsx';

type Props = { readonly children: ReactNode };

export class FirstFault extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="alone">
        <Failed error={error} onRetry={() => this.setState({ error: null })} />
      </main>
    );
  }
}
